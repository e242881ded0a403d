"""What the guards say about words: findings as text that travels with the draft, and what follows from them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from approvals.drafting.languages import LEXICONS
from approvals.drafting.lexicon import LINKS
from approvals.drafting.slots import names
from approvals.drafting.text import fold, invisible
from engine.events import Action, Draft
from engine.ports import Operation
from engine.source.problem import Problem

DOUBTS = ("injection", "empty-slot")
"""Findings after which a person looks, whatever the policy allows."""

_LONGEST = 20_000
_EDITED = "edited by "


class Finding(msgspec.Struct, frozen=True):
    """One thing wrong with a text; `message` is also what the model is told when it is asked again."""

    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def doubts_of(draft: Draft | None) -> tuple[str, ...]:
    """Return the findings of a draft that ask for a person."""
    found = draft.guards if draft else ()
    return tuple(each for each in found if each.partition(":")[0] in DOUBTS)


def person_edit(
    draft: Draft | None, operation: Operation, payload: Mapping[str, Any], by: str, forbidden: tuple[str, ...] = ()
) -> tuple[Draft | None, tuple[Problem, ...]]:
    """Return the draft with a person's words, or why they may not go out.

    A person may write numbers and names; nobody writes invisible characters, open slots or forbidden words.
    """
    problems: list[Problem] = []
    for name in sorted(operation.editable):
        value = payload.get(name)
        if isinstance(value, str):
            problems += _faults(name, value, forbidden, one_line=name != operation.body)
    if draft is None or not operation.body:
        return draft, tuple(problems)
    text, subject = str(payload.get(operation.body, "")), str(payload.get("subject", draft.subject))
    if (text, subject) == (draft.text, draft.subject):
        return draft, tuple(problems)
    changed = msgspec.structs.replace(draft, text=text, template=text, subject=subject, origin=f"person:{by}")
    return changed, tuple(problems)


def unfounded(before: Action, after: Action) -> tuple[Problem, ...]:
    """Return what a person's words say that nothing known of the action does: numbers, addresses, promises.

    A person may mean it, so it is shown beside the text and refuses nothing.
    """
    known = " ".join(
        (
            *(str(value) for value in before.payload.values()),
            *(before.draft.slots.values() if before.draft else ()),
            before.because,
        )
    )
    changed = {name: value for name, value in after.payload.items() if value != before.payload.get(name)}
    return tuple(_said(changed, known, before.draft))


def _said(payload: Mapping[str, Any], known: str, draft: Draft | None) -> Iterator[Problem]:
    """Yield the numbers, addresses and promises of texts that do not occur in what is known."""
    language = draft.language if draft else "en"
    lexicon = LEXICONS.get(language, LEXICONS["en"])
    for name, value in payload.items():
        if isinstance(value, str):
            for what, pattern in (("number", _NUMBER), ("address", _ADDRESS), ("promise", lexicon.promises)):
                said = _matches(pattern, value, language) - _matches(pattern, known, language)
                yield from (Problem(f"new-{what}", f"{name} says {each}, which no fact does") for each in sorted(said))


def told(action: Action, by: str, found: tuple[Problem, ...]) -> Draft | None:
    """Return the draft of an edited action with what was found in it; what earlier edits said stays while they do."""
    draft = action.draft
    if draft is None:
        return None
    there = {f"{each.code}: {each.message}" for each in _said(action.payload, "", draft)}
    kept = tuple(each for each in draft.guards if not each.startswith(_EDITED) or each.partition(": ")[2] in there)
    now = tuple(f"{_EDITED}{by}: {each.code}: {each.message}" for each in found)
    return msgspec.structs.replace(draft, guards=tuple(dict.fromkeys(kept + now)))


def _matches(pattern: re.Pattern[str], text: str, language: str) -> set[str]:
    return {match[0].strip(".,:") for match in pattern.finditer(fold(text, language))}


_ADDRESS = re.compile(rf"\S*(?:{LINKS.pattern})\S*")
_NUMBER = re.compile(r"\d[\d.,:/-]*")


def _faults(name: str, value: str, forbidden: tuple[str, ...], *, one_line: bool) -> list[Problem]:
    found = []
    if invisible(value) or (one_line and "\n" in value):
        found.append(Problem("control-character", f"{name} holds characters that nobody can see"))
    if names(value):
        found.append(Problem("open-slot", f"{name} still has the slot {{{names(value)[0]}}}"))
    if len(value) > _LONGEST:
        found.append(Problem("too-long", f"{name} is longer than {_LONGEST} characters"))
    lowered = value.casefold()
    found += [Problem("forbidden-word", f"{name} says {word}") for word in forbidden if word.casefold() in lowered]
    return found
