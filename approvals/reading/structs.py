"""What reading a text gives."""

import hashlib
from collections.abc import Mapping

import msgspec

from engine.rules.reading import ReadSpec

SOURCE = "read"
"""The first part of the address of every record that holds read facts; by it they are known in a proof."""
ANSWERED = "answered"
"""The same for what a person answered, which counts as told."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One fact: its value (None when the text says nothing of it), the words it was read from, how sure, by whom.

    `by`: `model:NAME`, `patterns` or `person:ID`. `confidence` is from 0 to 1.
    """

    value: str | bool | float | None
    quote: str = ""
    confidence: float = 1.0
    by: str = "patterns"


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """All facts of one text by one step; `notes` tell why a model was passed over."""

    facts: Mapping[str, Found]
    notes: tuple[str, ...] = ()

    def sure(self, step: ReadSpec) -> dict[str, Found]:
        """Return what is sure enough to be a fact."""
        return {name: found for name, found in self.facts.items() if found.confidence >= step.confidence}

    def doubtful(self, step: ReadSpec) -> dict[str, Found]:
        """Return what a person is asked about."""
        return {name: found for name, found in self.facts.items() if found.confidence < step.confidence}


def record_of(source: str, ruleset: str, step: str, id: str) -> str:
    """Return the address of the record that holds a step's facts of one entity."""
    return f"{source}/{ruleset}.{step}/{id}"


def version_of(step: ReadSpec, text: str) -> str:
    """Return what changes when the text or what is looked for in it does."""
    asked = msgspec.json.encode([step.about, {name: _asked(fact) for name, fact in step.facts.items()}])
    return hashlib.sha256(asked + b"\0" + text.encode()).hexdigest()[:16]


def _asked(fact: msgspec.Struct) -> Mapping[str, object]:
    return {name: value for name, value in msgspec.structs.asdict(fact).items() if name != "place"}
