"""Regular expressions of XPath and XQuery Functions 3.1, section 5.6, on the `regex` module."""

import re
from functools import lru_cache
from typing import TypeAlias

import regex

_FLAGS = {"s": regex.DOTALL, "m": regex.MULTILINE, "i": regex.IGNORECASE, "x": 0, "q": 0}
_NAME_START = r"[:A-Z_a-z\xC0-\xD6\xD8-\xF6\xF8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C\u200D\u2070-\u218F\u2C00-\uFFFD]"
_NAME_PART = r"[-.0-9:A-Z_a-z\xB7\xC0-\xD6\xD8-\xF6\xF8-\u037D\u037F-\u1FFF\u200C\u200D\u203F\u2040\u2070-\uFFFD]"
_CLASSES = {
    "d": r"\p{Nd}",
    "D": r"\P{Nd}",
    "w": r"[^\p{P}\p{Z}\p{C}]",
    "W": r"[\p{P}\p{Z}\p{C}]",
    "s": r"[ \t\n\r]",
    "S": r"[^ \t\n\r]",
    "i": _NAME_START,
    "I": f"[^{_NAME_START[1:]}",
    "c": _NAME_PART,
    "C": f"[^{_NAME_PART[1:]}",
}
_PLAIN = frozenset(r"\|.?*+(){}[]^-$")
_CONTROL = frozenset("nrt")


Pattern: TypeAlias = regex.Pattern


class PatternError(ValueError):
    """The text is no XPath regular expression."""


@lru_cache(maxsize=512)
def compiled(pattern: str, flags: str = "") -> Pattern:
    """The pattern for `regex`; raises PatternError."""
    if set(flags) - set(_FLAGS):
        msg = f"flags are of s, m, i, x and q, not {flags!r}"
        raise PatternError(msg)
    options = regex.VERSION1
    for flag in flags:
        options |= _FLAGS[flag]
    try:
        return regex.compile(regex.escape(pattern) if "q" in flags else _translated(pattern, flags), options)
    except (regex.error, RecursionError, OverflowError) as fault:
        raise PatternError(str(fault)) from fault


def _translated(pattern: str, flags: str) -> str:
    found: list[str] = []
    at = groups = 0
    quantified = False
    if "x" in flags:
        pattern = _squeezed(pattern)
    while at < len(pattern):
        character = pattern[at]
        if character == "\\":
            text, at = _escape(pattern, at, groups)
        elif character == "[":
            text, at = _class(pattern, at)
        elif character == "(":
            text, at = _group(pattern, at)
            groups += text == "("
        elif character == "$":
            text, at = ("$" if "m" in flags else r"\Z"), at + 1
        elif character == ".":
            text, at = ("." if "s" in flags else r"[^\n\r]"), at + 1
        elif character in "*+?{":
            text, at = _quantifier(pattern, at, quantified=quantified)
        else:
            text, at = _plain(pattern, at)
        quantified = character in "*+?{" and not (quantified and character == "?")
        found.append(text)
    return "".join(found)


def _squeezed(pattern: str) -> str:
    """The pattern without white space outside of character classes (flag x)."""
    found: list[str] = []
    depth, escaped = 0, False
    for character in pattern:
        if not depth and character in " \t\n\r":
            continue
        found.append(character)
        if not escaped:
            depth += (character == "[") - (character == "]")
        escaped = character == "\\" and not escaped
    return "".join(found)


def _plain(pattern: str, at: int) -> tuple[str, int]:
    character = pattern[at]
    if character in "]}":
        msg = f"`{character}` needs a backslash"
        raise PatternError(msg)
    return (character if character in "^|)" else regex.escape(character)), at + 1


def _quantifier(pattern: str, at: int, *, quantified: bool) -> tuple[str, int]:
    """How often; behind another one only `?` may stand, for as few as possible."""
    if quantified and pattern[at] != "?":
        msg = "a quantifier cannot follow a quantifier"
        raise PatternError(msg)
    quantity = re.compile(r"[*+?]|\{\d+(?:,\d*)?\}").match(pattern, at)
    if not quantity:
        msg = "`{` needs a backslash"
        raise PatternError(msg)
    return quantity.group(), quantity.end()


def _group(pattern: str, at: int) -> tuple[str, int]:
    if not pattern.startswith("(?", at):
        return "(", at + 1
    if pattern.startswith("(?:", at):
        return "(?:", at + 3
    msg = "only (...) and (?:...) are groups"
    raise PatternError(msg)


def _escape(pattern: str, at: int, groups: int) -> tuple[str, int]:
    following = pattern[at + 1 : at + 2]
    if following.isdigit() and following != "0":
        return _back_reference(pattern, at + 1, groups)
    if following in ("p", "P"):
        return _category(pattern, at)
    if following in _CLASSES:
        return _CLASSES[following], at + 2
    if following and (following in _PLAIN or following in _CONTROL):
        return "\\" + following, at + 2
    msg = f"unknown escape \\{following}"
    raise PatternError(msg)


def _back_reference(pattern: str, at: int, groups: int) -> tuple[str, int]:
    digits = re.compile(r"\d+").match(pattern, at)
    assert digits
    number = digits.group()
    while int(number) > groups and len(number) > 1:
        number = number[:-1]
    if int(number) > groups:
        msg = f"there is no group {number}"
        raise PatternError(msg)
    return f"(?:\\{number})", at + len(number)


def _category(pattern: str, at: int) -> tuple[str, int]:
    match = re.compile(r"\\([pP])\{(Is)?([A-Za-z0-9-]+)\}").match(pattern, at)
    if not match:
        msg = "write a category as \\p{Lu}"
        raise PatternError(msg)
    letter, block, name = match.groups()
    return f"\\{letter}{{{('In' + name) if block else name}}}", match.end()


def _class(pattern: str, at: int) -> tuple[str, int]:
    """A character class, where `-[...]` at its end is subtraction."""
    found = ["["]
    at += 1
    if pattern.startswith("^", at):
        found.append("^")
        at += 1
    first = True
    while at < len(pattern):
        character = pattern[at]
        if character == "]" and not first:
            return "".join(found) + "]", at + 1
        if pattern.startswith("-[", at):
            inner, at = _class(pattern, at + 1)
            if not pattern.startswith("]", at):
                break
            return f"[{''.join(found)}]--{inner}]", at + 1
        if character == "\\":
            text, at = _escape(pattern, at, 0)
        elif character == "[":
            break
        else:
            text, at = (character if character == "-" else regex.escape(character)), at + 1
        found.append(text)
        first = False
    msg = "this character class has no end"
    raise PatternError(msg)


def replacement(text: str, groups: int) -> str:
    r"""A replacement for `regex`: `$1` a group, `$0` the match, `\$` and `\\` themselves."""
    found: list[str] = []
    at = 0
    while at < len(text):
        character, following = text[at], text[at + 1 : at + 2]
        if character == "\\":
            if following not in ("\\", "$"):
                msg = "in a replacement a backslash stands before $ or another backslash"
                raise PatternError(msg)
            found.append("\\\\" if following == "\\" else "$")
            at += 2
        elif character == "$":
            number = re.compile(r"[0-9]+").match(text, at + 1)
            if not number:
                msg = "in a replacement $ stands before a group's number"
                raise PatternError(msg)
            digits = number.group()
            while int(digits) > groups and len(digits) > 1:
                digits = digits[:-1]
            found.append(f"\\g<{int(digits)}>" if int(digits) <= groups else "")
            at += 1 + len(digits)
        else:
            found.append(character)
            at += 1
    return "".join(found)
