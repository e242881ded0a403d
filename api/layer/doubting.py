"""What reviewers miss, measured: mistakes planted among what waits, and a second look blind to the first."""

from api.layer.carrying import Carrying
from api.outcomes import Audited, Autonomy, Refused
from api.views import Actor
from approvals.autonomy import planting
from approvals.autonomy.keeping import keep, standing_named, standings
from approvals.autonomy.standing import Standing, unit
from engine.events import Action
from engine.inference.nodes import Act
from engine.ports import Entry, Transaction
from engine.source.problem import Problem
from evals.autonomy.samples import Life

_OPEN = 5
"""So many planted mistakes wait at most, of one action."""


class Doubting(Carrying):
    """api.earning.Earning, as far as it holds reviewers to account."""

    async def seconds(self, actor: Actor) -> tuple[Audited, ...]:
        """See api.earning.Earning."""
        await self.evidence.follow(self.parts.store)
        share = self.parts.home.autonomy.earned.review.second
        found: list[Life] = []
        earned = [name for name, act in self.acts().items() if self.policy(act).approval == "earned"]
        for name, standing in (await standings(self.parts.store, earned)).items():
            lives = self.evidence.twice(name, share, standing.from_seq if standing else 0)
            found += [each for each in lives if each.word is not None and each.word.by != actor.id]
        return tuple(
            Audited(action=each.action, unit=each.unit, subject=each.subject, at=each.word.at)
            for each in found
            if each.word is not None
        )

    async def second(self, id: str, actor: Actor, *, correct: bool, reason: str = "") -> Autonomy | Refused:
        """See api.earning.Earning."""
        waiting = next((each for each in await self.seconds(actor) if each.action == id), None)
        if waiting is None:
            return Refused((Problem("no-second", f"nobody asks {actor.id} whether {id} was right"),))
        async with self.parts.pipeline.transaction() as tx:
            now = self.parts.clock.now()
            standing = await standing_named(tx, waiting.unit) or Standing(stage="approval", since=now)
            facts = {"sample": id, "correct": correct, "reason": reason}
            await keep(tx, waiting.unit, standing, "second", by=actor.id, at=now, facts=facts)
        await self.review()
        ruleset, rule, action = waiting.unit.split("/")
        rows = await self.autonomy()
        return next(each for each in rows if (each.ruleset, each.rule, each.action) == (ruleset, rule, action))

    async def review(self) -> None:
        """Look at what the stages have come to, and plant what is due."""
        await super().review()
        if self.parts.home.autonomy.earned.review.canaries and self.parts.stages.all():
            async with self.parts.pipeline.transaction() as tx:
                for name, act in self.acts().items():
                    standing = await standing_named(tx, name)
                    if self.policy(act).approval == "earned" and standing and standing.stage == "approval":
                        await self._plant(tx, name, act, standing)

    async def _plant(self, tx: Transaction, name: str, act: Act, standing: Standing) -> None:
        """Plant one mistake when fewer than the share were shown among what was decided since the evidence began."""
        share = self.parts.home.autonomy.earned.review.canaries
        plants = await planting.planted(tx)
        live = {each.id: each for each in await tx.live_actions() if unit(each.key) == name}
        valid = {id: each for id, each in plants.items() if id not in live or live[id].digest == each.digest}
        mine = sum(id in live for id in valid)
        decided = len(self.samples(name, standing))
        shown = sum(each.seq >= standing.from_seq for each in self.evidence.canaries(name))
        if mine >= _OPEN or shown + mine >= share * decided:
            return
        action = planting.choose([each for each in live.values() if each.state == "pending"], valid, self.policy(act))
        false = planting.falsified(action, await self._donors(tx, action)) if action is not None else None
        if action is None or false is None:
            return
        await planting.keep(tx, {**valid, action.id: false})
        ruleset, rule, spec = name.split("/")
        body = {"does": "planted", "ruleset": ruleset, "rule": rule, "action": spec, "stage": standing.stage}
        body |= {"fingerprint": standing.fingerprint}
        now = self.parts.clock.now()
        await tx.append(
            Entry(kind="autonomy", recorded_at=now, actor="opslayer", subjects=(f"rule:{ruleset}/{rule}",), body=body)
        )

    async def _donors(self, tx: Transaction, action: Action) -> list[Action]:
        """Return actions of the same rule whose words or values another account has, the newest first."""
        lives = [each for each in reversed(self.evidence.of(unit(action.key))) if each.action != action.id][:20]
        found = [await tx.action(each.action) for each in lives]
        return [each for each in found if each is not None]
