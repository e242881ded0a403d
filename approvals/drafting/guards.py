"""The guards: a deterministic reading of what a model wrote, before any fact is filled in.

Whatever is not a declared slot, a word of the template, or plain prose of the wanted language is refused.
"""

from collections.abc import Callable, Iterable, Mapping

import msgspec

from approvals.drafting.findings import Finding
from approvals.drafting.languages import LEXICONS
from approvals.drafting.lexicon import CURRENCIES, INJECTION, LINKS, Lexicon
from approvals.drafting.names import own_names
from approvals.drafting.prompt import Prompt
from approvals.drafting.slots import blank, broken, names
from approvals.drafting.text import fold, foreign, invisible, numerals, words
from engine.ports import DraftText

SHORTEST = 8
LONGEST_SUBJECT = 120
_COPIED = 8
_ENOUGH = 12

KnownName = Callable[[str], bool]
"""Whether a phrase, in lower case, names a customer or a person of the company's view."""


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What one text is held against."""

    prompt: Prompt
    language: str
    values: Mapping[str, str] = {}
    quoted: Mapping[str, str] = {}
    known: KnownName | None = None
    company: str = ""


def check(text: DraftText, rules: Rules) -> tuple[Finding, ...]:
    """Return all that is wrong with a text whose slots are still open."""
    lexicon = LEXICONS.get(rules.language)
    if lexicon is None:
        return (Finding("language", f"texts in {rules.language} cannot be checked"),)
    whole = f"{text.subject}\n{text.body}"
    prose = blank(whole)
    lowered = fold(prose, rules.language)
    ours = blank(rules.prompt.words(rules.language))
    own = fold(ours, rules.language)
    return (
        *_slots(text, whole, rules),
        *_signs(prose, f"{ours} {rules.company}", lexicon),
        *_words(lowered, own, lexicon, rules),
        *_length(text, rules),
        *_language(text, lexicon, rules.language),
        *own_names(
            whole, rules.language, f"{rules.prompt.words(rules.language)} {rules.company}", lexicon, rules.known
        ),
        *_values(lowered, own, rules),
        *_copied(lowered, rules),
    )


def flagged(quoted: Mapping[str, str]) -> tuple[Finding, ...]:
    """Return which customer texts speak to the machine; they stay data, and a person looks."""
    return tuple(
        Finding("injection", f"{name} reads like an instruction to the machine")
        for name, text in quoted.items()
        if INJECTION.search(fold(text, "en"))
    )


def _slots(text: DraftText, whole: str, rules: Rules) -> list[Finding]:
    declared, used = set(rules.prompt.slots), set(names(text.body))
    found = [Finding("unknown-slot", f"there is no slot {{{name}}}") for name in sorted(set(names(whole)) - declared)]
    found += [
        Finding("missing-slot", f"write around the slot {{{name}}}")
        for name in sorted(rules.prompt.required(rules.language) - used)
    ]
    return [*found, Finding("brace", "a brace opens no slot")] if broken(whole) else found


def _signs(prose: str, ours: str, lexicon: Lexicon) -> list[Finding]:
    found = []
    if numerals(prose):
        found.append(Finding("digit", f"write no digits ({_quote(numerals(prose))}), use the slots"))
    if invisible(prose):
        found.append(Finding("control", "write no invisible characters"))
    if strange := foreign(prose, ours, lexicon.letters):
        found.append(Finding("script", f"write with the letters and marks of the language only, not {_quote(strange)}"))
    if any(sign in prose for sign in "[]<>|\\^~`*_#="):
        found.append(Finding("markup", "write plain prose without brackets, markup or placeholders"))
    return found


def _words(lowered: str, own: str, lexicon: Lexicon, rules: Rules) -> list[Finding]:
    kinds = (
        ("link", LINKS, "write no links or addresses"),
        ("currency", CURRENCIES, "write no currencies or percentages, use the slots"),
        ("number-word", lexicon.numbers, "write no numbers in words, use the slots"),
        ("date", lexicon.dates, "write no dates or days of your own, use the slots"),
        ("promise", lexicon.promises, "promise, threaten and offer nothing that the template does not"),
        ("promise", lexicon.undertakings, "say of nobody what they will, would or could do"),
        ("injection", INJECTION, "write to the customer only"),
        ("injection", lexicon.machines, "write to a person"),
    )
    found = []
    for code, pattern, advice in kinds:
        ours = {match[0] for match in pattern.finditer(own)}
        foreign_to_us = sorted({match[0] for match in pattern.finditer(lowered)} - ours)
        if foreign_to_us:
            found.append(Finding(code, f"{advice} ({_quote(foreign_to_us)})"))
    banned = [word for word in rules.prompt.forbidden if fold(word, rules.language) in lowered]
    return [*found, *(Finding("forbidden", f"do not write {word}") for word in banned)]


def _length(text: DraftText, rules: Rules) -> list[Finding]:
    count = len(blank(text.body, "slot").split())
    found = []
    if count > rules.prompt.max_words:
        found.append(Finding("too-long", f"write at most {rules.prompt.max_words} words, not {count}"))
    if count < SHORTEST:
        found.append(Finding("too-short", f"write at least {SHORTEST} words"))
    if len(text.subject) > LONGEST_SUBJECT or "\n" in text.subject:
        found.append(Finding("subject", f"the subject is one line of at most {LONGEST_SUBJECT} characters"))
    if rules.prompt.subject(rules.language) and not text.subject.strip():
        found.append(Finding("subject", "write a subject"))
    return found


def _language(text: DraftText, lexicon: Lexicon, language: str) -> list[Finding]:
    said = [fold(word, language) for word in words(blank(text.body))]
    ours = sum(word in lexicon.common for word in said)
    theirs = max(sum(word in other.common for word in said) for name, other in LEXICONS.items() if name != language)
    if ours * _ENOUGH < len(said) or theirs > ours:
        return [Finding("language", f"write in {language}")]
    return []


def _values(lowered: str, own: str, rules: Rules) -> list[Finding]:
    said = f" {' '.join(words(lowered))} "
    ours = f" {' '.join(words(own))} "
    found = []
    for name, value in rules.values.items():
        phrase = f" {' '.join(words(fold(value, rules.language)))} "
        if len(phrase) > 4 and phrase in said and phrase not in ours:
            found.append(Finding("own-value", f"write {{{name}}}, not its value"))
    return found


def _copied(lowered: str, rules: Rules) -> list[Finding]:
    said = _runs(lowered)
    return [
        Finding("copied", f"do not copy from {name}")
        for name, text in rules.quoted.items()
        if said & _runs(fold(text, rules.language))
    ]


def _runs(text: str) -> set[tuple[str, ...]]:
    each = words(text)
    return {tuple(each[place : place + _COPIED]) for place in range(len(each) - _COPIED + 1)}


def _quote(items: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(items))
