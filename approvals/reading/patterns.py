"""The reading that needs no model: regular expressions, each fact with the words that they met."""

import re

from approvals.reading.dates import first_day
from approvals.reading.structs import Found
from engine.rules.reading import ReadFact, ReadSpec

_FLAGS = re.IGNORECASE | re.DOTALL
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")


def read(step: ReadSpec, text: str) -> dict[str, Found]:
    """Return every fact of the step, as sure as the step says its patterns are."""
    return {name: _fact(fact, text, step.sure) for name, fact in step.facts.items()}


def _fact(fact: ReadFact, text: str, sure: float) -> Found:
    nothing = Found(value=False if fact.type == "boolean" else None, confidence=sure)
    if any(re.search(pattern, text, _FLAGS) for pattern in fact.unless):
        return nothing
    if fact.type == "text":
        for value in fact.values:
            quote = _met(fact.patterns_of(value), text)
            if quote:
                return Found(value=value, quote=quote, confidence=sure)
        return nothing
    quote = _met(fact.patterns_of(), text)
    if not quote:
        return nothing
    if fact.type == "date":
        day = first_day(text)
        return Found(value=day[0].isoformat(), quote=day[1], confidence=sure) if day else nothing
    if fact.type == "number":
        number = _NUMBER.search(quote)
        return Found(value=float(number[0].replace(",", ".")), quote=quote, confidence=sure) if number else nothing
    return Found(value=True, quote=quote, confidence=sure)


def _met(patterns: tuple[str, ...], text: str) -> str:
    for pattern in patterns:
        match = re.search(pattern, text, _FLAGS)
        if match and match[0]:
            return match[0]
    return ""
