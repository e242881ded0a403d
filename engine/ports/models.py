"""The port to language models: one question, one answer of an agreed form, whoever gives it."""

from collections.abc import Mapping
from typing import Any, Literal, Protocol

import msgspec

from engine.ports.systems import SourceDown


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What a model is asked: instructions of ours, a question that may quote others, and the form of the answer.

    `schema` is JSON Schema (2020-12) for an object; each provider lowers it to what its server can be held to.
    """

    instructions: str
    question: str
    schema: Mapping[str, Any]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a model said, unchecked; tokens as its server counts them."""

    text: str
    model: str
    tokens_in: int = 0
    tokens_out: int = 0


class ModelFailed(SourceDown):
    """A model gave no usable answer.

    `kind`: `down` (none in time, or a failing server), `refused`, `cut` (ended early), `invalid` (another form).
    `answer` is what came and cannot be used, for it is paid for all the same.
    """

    def __init__(
        self, kind: Literal["down", "refused", "cut", "invalid"], detail: str, answer: Answer | None = None
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.answer = answer


class Model(Protocol):
    """One configured language model; it has no tools and keeps nothing between two questions."""

    name: str

    async def ask(self, ask: Ask, seconds: float | None = None) -> Answer:
        """Return the answer within `seconds` and the model's own time-out; raises ModelFailed."""
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...
