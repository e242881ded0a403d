"""What a person is asked about a text that was read: each fact with what was read, from which words, how surely."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from engine.rules.reading import ReadSpec, ReadType


class AskedFact(msgspec.Struct, frozen=True, kw_only=True):
    """One fact of the question; `quote` are the words of the text it was read from, `confidence` is from 0 to 1."""

    name: str
    about: str
    type: ReadType
    values: tuple[str, ...] = ()
    value: Any = None
    quote: str = ""
    confidence: float = 0.0
    by: str = ""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of one text; `sure` is what was read surely enough and is a fact already."""

    text: str
    about: str
    asked: tuple[AskedFact, ...]
    sure: tuple[AskedFact, ...] = ()


def question(step: ReadSpec, payload: Mapping[str, Any], read: Mapping[str, Any]) -> Question:
    """Return the question that an action's payload asks; `read` is what the reading found, by fact."""
    asked: list[AskedFact] = []
    sure: list[AskedFact] = []
    for name, fact in step.facts.items():
        found = read.get(name) or {}
        told = AskedFact(
            name=name, about=fact.about, type=fact.type, values=fact.values,
            value=payload.get(name) if name in payload else found.get("value"), quote=str(found.get("quote") or ""),
            confidence=float(found.get("confidence") or 0), by=str(found.get("by") or ""),
        )  # fmt: skip
        (asked if name in payload else sure).append(told)
    return Question(text=str(payload.get("text") or ""), about=step.about, asked=tuple(asked), sure=tuple(sure))


def answer(facts: Sequence[AskedFact], given: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Return what a form's texts say of the facts, and the names of those it says nothing possible of."""
    told: dict[str, Any] = {}
    wrong: list[str] = []
    for each in facts:
        text = given.get(each.name, "").strip()
        try:
            told[each.name] = _value(each, text) if text else None
        except ValueError:
            wrong.append(each.name)
    return told, wrong


def _value(fact: AskedFact, text: str) -> Any:  # noqa: ANN401  (a fact's value)
    if fact.type == "date":
        return date.fromisoformat(text).isoformat()
    if fact.type == "number":
        return float(text.replace(",", "."))
    if fact.type == "boolean" and text in ("true", "false"):
        return text == "true"
    if fact.type == "text" and text in fact.values:
        return text
    raise ValueError(text)
