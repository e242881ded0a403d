"""Models asked by evals: in a route's order, each call counted; nothing is journaled, nothing is bought twice."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from approvals.drafting.writing import SCHEMA, instructions, question
from approvals.models.answers import held
from approvals.models.structs import Limits
from engine.ports import Ask, DraftRequest, DraftText, Model


class Spent(msgspec.Struct, frozen=True):
    """What was asked so far: calls, tokens, and their cost by config/models.yaml."""

    calls: int = 0
    tokens: int = 0
    cost: Decimal = Decimal(0)


class Meter:
    """Asks models and counts; without models the templates write."""

    def __init__(self, models: Sequence[Model] = (), limits: Mapping[str, Limits] | None = None) -> None:
        self.models = tuple(models)
        self._limits = limits or {}
        self.spent = Spent()

    def drafters(self) -> Sequence["MeteredDrafter"]:
        """Return who is asked for one text, in order."""
        return [MeteredDrafter(self, model) for model in self.models]

    async def ask(self, model: Model, ask: Ask) -> tuple[dict[str, object], DraftText]:
        """Ask one model; raises ModelFailed."""
        answer = await model.ask(ask)
        cost = self._limits.get(model.name, Limits()).cost(answer.tokens_in, answer.tokens_out)
        tokens = answer.tokens_in + answer.tokens_out
        self.spent = Spent(self.spent.calls + 1, self.spent.tokens + tokens, self.spent.cost + cost)
        value = held(model.name, answer.text, ask.schema)
        return value, DraftText(
            subject="", body="", model=answer.model, tokens_in=answer.tokens_in, tokens_out=answer.tokens_out
        )


class MeteredDrafter:
    """`engine.ports.Drafter` over one model, told what production tells it."""

    def __init__(self, meter: Meter, model: Model) -> None:
        self.name = model.name
        self._meter = meter
        self._model = model

    async def write(self, request: DraftRequest) -> DraftText:
        """Return words with open slots; raises ModelFailed."""
        ask = Ask(instructions=instructions(request), question=question(request), schema=SCHEMA)
        value, text = await self._meter.ask(self._model, ask)
        return msgspec.structs.replace(text, subject=str(value["subject"]), body=str(value["body"]))
