"""Who is who: pairs beyond doubt are merged, doubtful ones wait for a person, and any merge can be undone.

What was said of a pair is in the journal (`identity`), beside the merge or split that the engine reads; so it survives
a restart, and nobody is asked twice.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from api.layer.parts import Part
from api.outcomes import Refused
from api.views import Actor, EntityLine, Joined
from engine.events import Merge, Split
from engine.identity import Judged, Pair, State
from engine.inference.state import Entity, Unknown
from engine.ports import Entry, Transaction
from engine.source.problem import Problem

RESOLVED: Final = "identity-resolved"
RESOLVER: Final = "identity"
_BATCH: Final = 100
_PAGE: Final = 1000


class Identities(Part):
    """api.facade.Identity."""

    # --- by itself --------------------------------------------------------------------------------------------

    async def resolve(self, *, settled: bool = False) -> int:
        """Look up the parties that something was told of; returns how many pairs were merged or put to a person.

        `settled`: remember that everything up to now has been looked up.
        """
        resolver, session, found = self.parts.pipeline.resolver, self.parts.pipeline.session, 0
        if not resolver.follows(session):
            since = await self.parts.store.setting(RESOLVED)
            resolver.follow(session, datetime.fromisoformat(since) if since else None)
        await self._follow_decisions()
        while resolver.waiting:
            judged = tuple(resolver.judge(_BATCH))
            if judged:
                async with self.parts.pipeline.transaction() as tx:
                    for each in judged:
                        found += await self._judged(tx, each)
            await asyncio.sleep(0)
        if settled:
            async with self.parts.pipeline.transaction() as tx:
                await tx.set_setting(RESOLVED, self.parts.clock.now().isoformat())
        return found

    async def _follow_decisions(self) -> None:
        resolver, store = self.parts.pipeline.resolver, self.parts.store
        while page := await store.entries(resolver.read_to, kinds=("identity",), limit=_PAGE):
            for stored in page:
                body = stored.body or {}
                pair = Pair.of(body["entity"], body["left"], body["right"])
                resolver.said(pair, body["state"], float(body.get("bits") or 0))
            resolver.read_to = page[-1].seq

    async def _judged(self, tx: Transaction, judged: Judged) -> bool:
        pair, resolver = judged.pair, self.parts.pipeline.resolver
        left, right = self._party(pair.entity, pair.left), self._party(pair.entity, pair.right)
        if left is None or right is None or left is right or pair in resolver.decided:
            return False
        if judged.comparison.outcome == "same" and resolver.certain(pair.entity):
            kept, other = (left, right) if _rank(left) >= _rank(right) else (right, left)
            await self._join(tx, kept, other, RESOLVER, "beyond doubt", _evidence(judged))
        else:
            await self._say(tx, pair, "asked", RESOLVER, "", _evidence(judged))
        return True

    # --- by people --------------------------------------------------------------------------------------------

    async def merge(self, type: str, id: str, other: str, actor: Actor, reason: str = "") -> Joined | Refused:
        """See api.facade.Identity."""
        await self._follow_decisions()
        async with self.parts.pipeline.transaction() as tx:
            kept, gone = self._party(type, id), self._party(type, other)
            if kept is None or gone is None:
                return _unknown(type, id if kept is None else other)
            if kept is gone:
                return Refused((Problem("same-entity", f"{type}:{id} and {type}:{other} are one already"),))
            return await self._join(tx, kept, gone, actor.id, reason, {})

    async def split(
        self, type: str, id: str, other: str, actor: Actor, records: tuple[str, ...] = (), reason: str = ""
    ) -> Joined | Refused:
        """See api.facade.Identity."""
        await self._follow_decisions()
        moved = set(records) or await self._merged(type, id, other)
        async with self.parts.pipeline.transaction() as tx:
            whole = self._party(type, id)
            if whole is None:
                return _unknown(type, id)
            taken = tuple(sorted(moved & set(_records(whole))))
            if not taken or len(taken) == len(whole.parts):
                hint = f"records of {whole.ref}: {', '.join(_records(whole))}"
                problem = "none of its records is named" if not taken else "all of its records are named"
                return Refused((Problem("no-split", f"{whole.ref} cannot be split: {problem}", hint=hint),))
            apart = self.parts.pipeline.session.state.entities[type].get(other)
            if apart is whole:
                return Refused((Problem("same-entity", f"{type}:{other} is the id of the whole; choose another"),))
            await self.parts.pipeline.joined(tx, Split(type, whole.id, other, taken))
            await self._say(tx, Pair.of(type, whole.id, other), "split", actor.id, reason, {"records": list(taken)})
        self._relearn(type, whole.id, other)
        return Joined(kept=self._line(whole), other=other, records=taken)

    async def keep_apart(self, type: str, id: str, other: str, actor: Actor, reason: str = "") -> Refused | None:
        """See api.facade.Identity."""
        await self._follow_decisions()
        async with self.parts.pipeline.transaction() as tx:
            left, right = self._party(type, id), self._party(type, other)
            if left is None or right is None:
                return _unknown(type, id if left is None else other)
            if left is right:
                return Refused((Problem("same-entity", f"{left.ref} is one; split it instead"),))
            await self._say(tx, Pair.of(type, left.id, right.id), "different", actor.id, reason, {})
        return None

    # --- what both do -----------------------------------------------------------------------------------------

    async def _join(
        self, tx: Transaction, kept: Entity, other: Entity, by: str, reason: str, evidence: Mapping[str, Any]
    ) -> Joined:
        records = _records(other)
        body = {"records": list(records), "kept": kept.id, **evidence}
        pair = Pair.of(kept.type, kept.id, other.id)
        await self.parts.pipeline.joined(tx, Merge(kept.type, kept.id, other.id))
        await self._say(tx, pair, "merged", by, reason, body)
        self._relearn(kept.type, kept.id, other.id)
        return Joined(kept=self._line(kept), other=other.id, records=records)

    async def _say(
        self, tx: Transaction, pair: Pair, state: State, by: str, reason: str, body: Mapping[str, Any]
    ) -> None:
        said = {"entity": pair.entity, "left": pair.left, "right": pair.right, "state": state, "reason": reason, **body}
        subjects = (f"{pair.entity}:{pair.left}", f"{pair.entity}:{pair.right}")
        now = self.parts.pipeline.held.now()
        await tx.append(Entry(kind="identity", recorded_at=now, actor=by, subjects=subjects, body=said))
        self.parts.pipeline.resolver.said(pair, state, float(body.get("bits") or 0))

    async def _merged(self, type: str, id: str, other: str) -> set[str]:
        """Return the records that a former merge brought from `other`."""
        found: set[str] = set()
        after = 0
        while page := await self.parts.store.entries(after, subject=f"{type}:{other}", kinds=("identity",)):
            for stored in page:
                body = stored.body or {}
                if body.get("state") == "merged" and {id, other} == {body["left"], body["right"]}:
                    found = set(body["records"]) if body["kept"] != other else set()
            after = page[-1].seq
        return found

    def _relearn(self, type: str, *ids: str) -> None:
        resolver = self.parts.pipeline.resolver
        for id in ids:
            entity = self.parts.pipeline.session.state.entities[type].get(id)
            if entity is None:
                resolver.forget(type, id)
            elif type in resolver.parties:
                resolver.parties[type].put(id, resolver.profile(entity))

    def _party(self, type: str, id: str) -> Entity | None:
        return self.parts.pipeline.session.state.entity(type, id)

    def _line(self, entity: Entity) -> EntityLine:
        name = self.parts.pipeline.session.rulebook.model.entities[entity.type].label
        value = entity.values.get(name) if name else None
        label = entity.id if value is None or isinstance(value, Unknown) else str(value)
        return EntityLine(type=entity.type, id=entity.id, label=label)


def _records(entity: Entity) -> tuple[str, ...]:
    return tuple(sorted(part.record for part in entity.parts))


def _rank(entity: Entity) -> tuple[int, str]:
    """Return what decides which id stays: more records, then the id that sorts first."""
    return len(entity.parts), "".join(chr(0x10FFFF - ord(letter)) for letter in entity.id)


def _evidence(judged: Judged) -> dict[str, Any]:
    """Return why, without what it was read from: that may be personal, and is in the records."""
    findings = [{"what": each.what, "bits": str(each.bits), "note": each.note} for each in judged.comparison.findings]
    return {"bits": str(judged.comparison.bits), "evidence": findings}


def _unknown(type: str, id: str) -> Refused:
    return Refused((Problem("unknown-entity", f"there is no {type} {id}"),))
