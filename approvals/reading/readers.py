"""One text read by one step: the route's models in order, then the patterns."""

import re
from datetime import date

import msgspec

from approvals.drafting.guards import flagged
from approvals.models.calls import Calls
from approvals.models.structs import About
from approvals.reading import patterns
from approvals.reading.asking import ask_for, believed
from approvals.reading.structs import Found, Reading
from engine.ports import ModelFailed
from engine.rules.reading import ReadSpec

_LONGEST = 20_000
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Readers:
    """Reads texts; what it answers depends on nothing but the text, the step and the models' answers."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def asks(self, step: ReadSpec) -> bool:
        """Whether a model is asked at all."""
        return bool(self._calls.turn(step.route).providers)

    async def read(self, step: ReadSpec, text: str, written: str, about: About) -> Reading:
        """Return the facts of a text; never fails, for the patterns always answer."""
        text = text[:_LONGEST]
        notes = []
        turn = self._calls.turn(step.route)
        for name in turn.providers:
            try:
                reply = await turn.ask(name, ask_for(step, text, written), about)
            except ModelFailed as failure:
                notes.append(str(failure))
            else:
                facts = believed(step, reply.value, text, reply.model)
                orders = flagged({"text": text})
                notes += [str(each) for each in orders]
                told = {each: _possible(found, led=bool(orders)) for each, found in facts.items()}
                return Reading(facts=told, notes=tuple(notes))
        return Reading(facts=patterns.read(step, text), notes=tuple(notes))


def _possible(found: Found, *, led: bool) -> Found:
    """Return the fact, unbelieved where the text gave the model orders or the day is none that there is."""
    if led:
        return msgspec.structs.replace(found, confidence=0.0)
    if not isinstance(found.value, str) or not _DAY.fullmatch(found.value):
        return found
    try:
        date.fromisoformat(found.value)
    except ValueError:
        return Found(value=None, quote=found.quote, confidence=0.0, by=found.by)
    return found
