"""What is known, remembered and decided, and why."""

from collections.abc import AsyncIterator, Collection, Iterator
from heapq import nsmallest
from typing import Any, Literal

from api.facade import BUDGET
from api.folding import fold, name_folded
from api.layer.belonging import told_to
from api.layer.deciding import Deciding
from api.layer.intake import Intake
from api.layer.telling import tell
from api.names import Sought, label
from api.outcomes import Refused
from api.reasons import ActionStanding, Conjunct, Explanation, Funnel, FunnelStage, WhyNot
from api.views import CustomerView, EntityLine, EntityView, FieldSource, FieldView, RecordLine, SourcePart, TimelineItem
from engine.events import Decision
from engine.inference.conclude import contributions
from engine.inference.nodes import Condition
from engine.inference.proof import Prover, plain
from engine.inference.state import Entity, Link, Unknown
from engine.inference.whynot import Why, condition_of, funnel, why_not
from engine.ports import Stored
from engine.source.problem import Problem

_RELATED = 200


class Knowledge(Intake, Deciding):
    """api.facade.Knowledge, but for the day's overview."""

    _sought: Sought | None = None

    async def entity(self, type: str, id: str) -> EntityView | None:
        """See api.facade.Knowledge."""
        found = self.parts.pipeline.session.state.entity(type, id)
        return None if found is None else self.view(found)

    def view(self, entity: Entity) -> EntityView:
        """Return an entity's fields with where each comes from."""
        model = self.parts.pipeline.session.rulebook.model.entities[entity.type]
        fields = {name: self._field(entity, name) for name, declared in model.fields.items() if not declared.match}
        keys = tuple(name for name in entity.names if name != entity.id)
        links = {
            record: link
            for record in sorted(part.record for part in entity.parts)
            if (link := self.parts.live.link(record))
        }
        return EntityView(
            type=entity.type, id=entity.id, label=self.label(entity), fields=fields, keys=keys, links=links
        )

    def label(self, entity: Entity) -> str:
        """Return the name of an entity for people."""
        return label(entity, self.parts.pipeline.session.rulebook.model.entities[entity.type].label or "")

    def _field(self, entity: Entity, name: str) -> FieldView:
        session = self.parts.pipeline.session
        declared = session.rulebook.model.entities[entity.type].fields[name]
        value = entity.values.get(name)
        virtual = session.rulebook.virtual.get((entity.type, name))
        if virtual is not None:
            value = session.settler.compute(virtual, entity)
        unresolved = value.reason if isinstance(value, Unknown) else ""
        if isinstance(value, Link) and value.entity is None:
            unresolved = f"{value.type} {value.key} is not known"
        kind: Literal["field", "derived", "concluded"] = (
            "derived" if declared.derived else "concluded" if declared.concluded else "field"
        )
        return FieldView(
            value=plain(value), kind=kind, sources=tuple(self._sources(entity, name)), unresolved=unresolved
        )

    def _sources(self, entity: Entity, name: str) -> Iterator[FieldSource]:
        rulebook = self.parts.pipeline.session.rulebook
        concluded = rulebook.concluded.get((entity.type, name))
        for index in sorted(contributions(rulebook.literals, concluded, entity) if concluded is not None else ()):
            condition = rulebook.nodes[index]
            if isinstance(condition, Condition):
                yield FieldSource(rule=condition.name)
        for part in sorted(entity.parts, key=lambda each: each.record):
            if part.get(name) is not None:
                yield FieldSource(
                    record=part.record, version=part.version, valid_at=part.valid_at, recorded_at=part.recorded_at,
                    link=self.parts.live.link(part.record),
                )  # fmt: skip

    async def find(self, type: str, text: str = "", limit: int = 50) -> tuple[EntityLine, ...]:
        """See api.facade.Knowledge."""
        session = self.parts.pipeline.session
        if self._sought is None or self._sought.session is not session:
            self._sought = Sought(session)
        found = ((name_folded(name), each.id, name) for each, name in self._sought.named(type, fold(text)))
        return tuple(EntityLine(type=type, id=id, label=label) for _, id, label in nsmallest(limit, found))

    async def customer(self, id: str, *, budget: float = BUDGET) -> CustomerView | None:
        """See api.facade.Knowledge."""
        entity = self.parts.pipeline.session.state.entity("customer", id)
        if entity is None:
            return None
        related: dict[str, tuple[EntityView, ...]] = {}
        for name, slot in entity.collections.items():
            if name != "actions":
                members = sorted(entity.members(slot), key=lambda each: (len(each.id), each.id))
                related[name] = tuple(self.view(each) for each in members[-_RELATED:])
        actions = await self.actions(subject=entity.ref, limit=_RELATED)
        sources = await self.parts.live.read(await self._parts(entity), budget)
        return CustomerView(customer=self.view(entity), related=related, sources=sources, actions=actions)

    async def customer_parts(self, id: str, sources: Collection[str] = ()) -> AsyncIterator[SourcePart]:
        """See api.facade.Knowledge."""
        entity = self.parts.pipeline.session.state.entity("customer", id)
        if entity is not None:
            parts = [part for part in await self._parts(entity) if not sources or part.source in sources]
            async for part in self.parts.live.stream(parts):
                yield part

    async def _parts(self, entity: Entity) -> tuple[SourcePart, ...]:
        lines: dict[str, list[RecordLine]] = {}
        for part in sorted(entity.parts, key=lambda each: each.record):
            line = RecordLine(
                address=part.record, version=part.version, valid_at=part.valid_at, recorded_at=part.recorded_at,
                link=self.parts.live.link(part.record),
            )  # fmt: skip
            lines.setdefault(part.record.partition("/")[0], []).append(line)
        found = []
        for status in await self.sources():
            age = None if status.fresh_at is None else self.parts.clock.now() - status.fresh_at
            records = tuple(lines.get(status.name, ()))
            found.append(
                SourcePart(source=status.name, state=status.state, age=age, records=records, detail=status.detail)
            )
        return tuple(found)

    # --- memory -----------------------------------------------------------------------------------------------

    async def timeline(
        self, subject: str, after: int = 0, limit: int = 200, rulesets: frozenset[str] | None = None
    ) -> tuple[TimelineItem, ...]:
        """See api.facade.Knowledge."""
        found, store = self.parts.pipeline.session.state.find(subject), self.parts.store
        told: list[Stored] = []
        while page := await store.entries(after, subject=found.ref if found else subject, limit=limit):
            told += await told_to(rulesets, page, store)
            if len(told) >= limit or len(page) < limit:
                break
            after = page[-1].seq
        return tuple(tell(entry) for entry in told[:limit])

    async def decisions(
        self,
        *,
        ruleset: str = "",
        rule: str = "",
        subject: str = "",
        after: str = "",
        limit: int = 50,
        rulesets: frozenset[str] | None = None,
    ) -> tuple[Decision, ...]:
        """See api.facade.Knowledge."""
        return tuple(
            await self.parts.store.decisions(
                ruleset=ruleset, rule=rule, subject=subject, after=after, limit=limit, rulesets=rulesets
            )
        )

    async def decision(self, id: str) -> Decision | None:
        """See api.facade.Knowledge."""
        return await self.parts.store.decision(id)

    # --- reasons ----------------------------------------------------------------------------------------------

    async def explain(self, id: str) -> Explanation | None:
        """See api.facade.Knowledge."""
        decision = await self.parts.store.decision(id)
        action = await self.parts.store.action(decision.proposal if decision else id)
        if decision is None and action is not None:
            decision = await self.parts.store.decision(action.id)
        return None if decision is None else Explanation(id=id, decision=decision, action=action)

    async def why_not(self, rule: str, subject: str) -> WhyNot | Refused:
        """See api.facade.Knowledge."""
        session = self.parts.pipeline.session
        condition = self._condition(rule)
        entity = session.state.find(subject)
        if isinstance(condition, Refused):
            return condition
        if entity is None or entity.type != condition.type:
            hint = f"The rule is for {condition.type}; name one as {condition.type}:ID."
            return Refused((Problem("unknown-subject", f"`{subject}` is no known {condition.type}", hint=hint),))
        return _why(why_not(session, condition, entity), Prover(session.settler).condition(condition, entity))

    async def funnel(self, rule: str) -> Funnel | Refused:
        """See api.facade.Knowledge."""
        condition = self._condition(rule)
        if isinstance(condition, Refused):
            return condition
        session = self.parts.pipeline.session
        stages = funnel(session, condition)
        return Funnel(
            rule=condition.name,
            subject=condition.type,
            subjects=len(session.state.entities[condition.type]),
            stages=tuple(FunnelStage(text=each.text, passing=each.passing, left=each.left) for each in stages),
        )

    def _condition(self, rule: str) -> Condition | Refused:
        rulebook = self.parts.pipeline.session.rulebook
        found = condition_of(rulebook, rule)
        if found is not None:
            return found
        rules = ", ".join(
            sorted(each.name for each in rulebook.nodes if isinstance(each, Condition) and not each.action)
        )
        return Refused((Problem("unknown-rule", f"there is no rule `{rule}`", hint=f"rules: {rules}"),))


def _why(why: Why, proof: Any) -> WhyNot:  # noqa: ANN401  (a Proof)
    conjuncts = tuple(
        Conjunct(
            text=part.text,
            truth=part.outcome,
            reason=part.reason,
            values=part.values,
            advice=part.advice,
            holds_from=part.holds_from,
        )
        for part in why.parts
    )
    failed = next((part for part in why.parts if part.outcome != "true"), None)
    sentence = f"{why.rule} holds for {why.subject}." if failed is None else f"{failed.told}."
    if why.reason:
        sentence = f"{why.rule} would hold for {why.subject}, but waits: {why.reason}."
    actions = tuple(
        ActionStanding(
            action=each.action, state=each.state, reason=each.reason, proposal=each.proposal, again_at=each.again_at
        )
        for each in why.actions
    )
    return WhyNot(
        rule=why.rule, subject=why.subject, truth=why.outcome, sentence=sentence, conjuncts=conjuncts, actions=actions,
        proof=proof,
    )  # fmt: skip
