"""What became of sent actions: the declared outcomes, watched until their horizon."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from api.layer.standings import Standings
from engine.inference.durations import after
from engine.ports import Entry
from engine.rules.structs import OutcomeSpec
from evals.autonomy.samples import Life

EVERY = timedelta(hours=1)


class Aftermath(Standings):
    """Journals outcomes: `bad` when it is seen, `good` at the end, or when it is seen where nothing bad is declared."""

    _next: datetime = datetime.min.replace(tzinfo=UTC)

    async def outcomes(self) -> int:
        """Look at sent actions whose outcome is open, each hour and at a horizon; returns how many were settled."""
        now, settled = self.parts.clock.now(), 0
        if now < self._next or not any(act.spec.outcome for act in self.acts().values()):
            return 0
        await self.evidence.follow(self.parts.store)
        self._next = min(now + EVERY, self.horizon() or now + EVERY)
        for life, spec in list(self._open()):
            result = self._result(life, spec, now)
            if result:
                critical = result == "bad" and self._critical(life, spec)
                await self._journal_outcome(life, result, now, critical=critical)
                settled += 1
        await self.evidence.follow(self.parts.store)
        return settled

    def horizon(self) -> datetime | None:
        """Return when the next watch over an outcome ends."""
        return min((_end(life, spec) for life, spec in self._open() if not life.outcome), default=None)

    def _open(self) -> Iterator[tuple[Life, OutcomeSpec]]:
        for name, act in self.acts().items():
            if act.spec.outcome is not None:
                for life in self.evidence.of(name):
                    worse = life.outcome == "bad" and act.spec.outcome.critical is not None and not life.critical
                    if life.sent_at is not None and (not life.outcome or worse):
                        yield life, act.spec.outcome

    def _result(self, life: Life, spec: OutcomeSpec, now: datetime) -> str:
        over = now >= _end(life, spec)
        if life.outcome:
            return "bad" if not over and self._critical(life, spec) else ""
        if self._critical(life, spec) or (spec.bad is not None and self._holds(life, spec.bad.text)):
            return "bad"
        if spec.good is not None and (over or not spec.accuses) and self._holds(life, spec.good.text):
            return "good"
        return "open" if over else ""

    def _critical(self, life: Life, spec: OutcomeSpec) -> bool:
        return spec.critical is not None and self._holds(life, spec.critical.text)

    def _holds(self, life: Life, text: str) -> bool:
        session = self.parts.pipeline.session
        entity = session.state.find(life.subject)
        return entity is not None and session.value(entity, text) is True

    async def _journal_outcome(self, life: Life, result: str, now: datetime, *, critical: bool) -> None:
        body = {"action": life.action, "result": result} | ({"critical": True} if critical else {})
        subjects = (life.subject, f"action:{life.action}")
        async with self.parts.pipeline.transaction() as tx:
            await tx.append(Entry(kind="outcome", recorded_at=now, actor="engine", subjects=subjects, body=body))


def _end(life: Life, spec: OutcomeSpec) -> datetime:
    assert life.sent_at is not None  # only sent actions are watched
    return after(life.sent_at, spec.within)
