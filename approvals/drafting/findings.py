"""What the guards say about words: findings as text that travels with the draft, and what follows from them."""

from collections.abc import Mapping
from typing import Any

import msgspec

from approvals.drafting.slots import names
from approvals.drafting.text import invisible
from engine.events import Draft
from engine.ports import Operation
from engine.source.problem import Problem

DOUBTS = ("injection", "empty-slot")
"""Findings after which a person looks, whatever the policy allows."""

_LONGEST = 20_000


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
