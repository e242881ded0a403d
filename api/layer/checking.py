"""Whether an approved action is still right, asked again just before it is sent."""

from collections.abc import Mapping

import msgspec

from api.layer.facts import Facts
from approvals.context import Operations
from approvals.dispatch.ports import Checked, Moved, NoLonger, StillTrue
from approvals.drafting.service import DraftingService
from approvals.grouping import members, merged
from approvals.groups import carried
from approvals.reading.questions import is_question
from engine.events import Action, Decision, Draft
from engine.inference.truth import definite
from engine.pipeline import Pipeline
from engine.ports import Reader


class Checking:
    """Evaluates the rule, the payload's inputs and the draft's slots again."""

    def __init__(
        self, pipeline: Pipeline, reader: Reader, drafting: DraftingService, facts: Facts, operations: Operations
    ) -> None:
        self._pipeline = pipeline
        self._reader = reader
        self._drafting = drafting
        self._facts = facts
        self._operations = operations

    async def check(self, action: Action) -> Checked:
        """Return whether the action stands as it was approved; an answer to the layer's own question does."""
        if is_question(action.operation):
            return StillTrue()
        session = self._pipeline.session
        found = [session.activations.live.get(each) for each in members(action)]
        standing = [each for each in found if each is not None]
        decision = await carried(self._reader, action, self._operations)
        if len(standing) < len(found) or decision is None:
            return NoLonger("the engine no longer proposes it")
        for act, entity in standing:
            if not definite(entity.truths.get(act.life.index, False)):
                return NoLonger(f"no longer true: {act.life.when.text.strip()}")
        inputs = merged([session.decider.inputs(*each) for each in standing], self._operations(action.operation))
        if inputs is None:
            return Moved(reason="what it does for one is no longer what it does for the others")
        moved = {name for name, value in inputs.items() if decision.inputs.get(name) != value}
        draft = await self._redrafted(action, decision)
        if not moved and draft is None:
            return StillTrue()
        reason = f"{', '.join(sorted(moved)) or 'what the words say'} changed"
        return Moved(reason=reason, inputs=inputs if moved else None, draft=draft)

    async def _redrafted(self, action: Action, decision: Decision) -> Draft | None:
        """Return the words as they would be written at present, None when their facts are the same."""
        if action.draft is None:
            return None
        shown = self._drafting.shown(decision, self._facts.slots)
        if shown is None or _same(action.draft.slots, shown):
            return None
        values = self._drafting.facts(decision, self._facts.slots)
        return await self._drafting.draft(decision, values)


def _same(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    return msgspec.json.encode(before, order="sorted") == msgspec.json.encode(after, order="sorted")
