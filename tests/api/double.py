"""A double of the facade alone: dicts instead of stores, no engine behind it."""
# ruff: noqa: ARG002  (a double takes what the protocol gives)

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from api import configuration, outcomes, reasons, received, views
from api.bundles.comparing import Compared, Failed
from api.leases import Alone
from connectors.hooks.delivery import Delivery
from engine.events import Action, Decision, HistoryItem, Record, Verdict
from engine.memory import Tallies
from engine.ports import Operation
from engine.settings.app import Limits, Minutes
from engine.source.problem import Place, Problem
from tests.api import sample
from tests.api.double_access import DoubleAccess
from tests.api.double_desk import DoubleDesk
from tests.api.double_identity import DoubleIdentity
from tests.api.double_insight import DoubleInsight

STREAMS = {"erp": ("customers", "invoices", "payments"), "crm": ("contacts",)}
MAIL = Operation(
    name="mail.send", consequence="medium", idempotency="none", leaves_company=True,
    fields={"to": True, "subject": True, "text": True}, editable=frozenset({"subject", "text"}),
    recipient="to", body="text",
)  # fmt: skip
NEXT = {"approve": "approved", "edit": "pending", "reject": "rejected", "delegate": "pending", "snooze": "pending"}
DECIDABLE = ("proposed", "pending")


class DoubleLayer(DoubleIdentity, DoubleDesk, DoubleAccess, DoubleInsight):
    """Implements `api.facade.Layer`."""

    company = "Anadolu Yapı"  # noqa: RUF001  (Turkish)
    timezone = "Europe/Istanbul"
    language = "en"
    minutes = Minutes()
    mcp = False
    called: Mapping[str, Mapping[str, str]] = {}
    follows = None

    def __init__(self, *, simulated: bool = True) -> None:
        super().__init__()
        self.simulated = simulated
        self.leases = Alone()
        self.limits = Limits()
        self.preferences = {}
        some = [
            sample.mail(1, "C-1042"),
            sample.mail(2, "C-1120"),
            sample.task(3, "C-1077"),
            sample.mail(4, "C-1133", "sent"),
        ]
        self.store: dict[str, Action] = {each.id: each for each in some}
        self.seen: set[tuple[str, str]] = set()
        self.kept: list[Record] = []
        self.pulled: dict[str, outcomes.Switch] = {}
        self.answers: dict[str, tuple[Verdict, outcomes.DecideOutcome]] = {}
        self.waiting: dict[str, received.QuarantineItem] = {}
        self.reasons: tuple[str, ...] = ()
        self.faults: tuple[Problem, ...] = ()
        self.broken = False
        self.unmappable: set[str] = set()
        self.limit: tuple[str, ...] = ()

    # --- input

    async def ingest(self, records: Sequence[Record]) -> tuple[received.Ingested, ...]:
        if self.broken:
            raise RuntimeError("secret inside")
        return tuple(self._one(record) for record in records)

    def _one(self, record: Record) -> received.Ingested:
        if record.source not in STREAMS:
            return received.Ingested(
                status="rejected", problem=Problem("unknown-source", f"No source {record.source}.")
            )
        if record.stream not in STREAMS[record.source]:
            return received.Ingested(
                status="rejected", problem=Problem("unknown-stream", f"No stream {record.stream}.")
            )
        if record.key in self.unmappable:
            return received.Ingested(
                status="rejected", problem=Problem("bad-record", "It says nothing."), quarantine="q1"
            )
        if (record.source, record.event_id) in self.seen:
            return received.Ingested(status="duplicate")
        self.seen.add((record.source, record.event_id))
        self.kept.append(record)
        return received.Ingested(status="accepted")

    async def sync(self, source: str = "") -> tuple[received.Synced, ...]:
        names = [source] if source else list(STREAMS)
        return tuple(received.Synced(source=name, records=3) for name in names if name in STREAMS)

    async def hear(self, source: str, delivery: Delivery) -> received.Answered:
        return received.Answered(what="denied" if source in STREAMS else "unknown", detail="the signature is not right")

    async def heed(self, source: str) -> int:
        return 0

    async def subscribe(self, source: str) -> int:
        return 0

    async def quarantine(self) -> tuple[received.QuarantineItem, ...]:
        return tuple(self.waiting.values())

    async def retry(self, id: str, actor: views.Actor) -> received.Ingested | None:
        return received.Ingested(status="accepted") if self.waiting.pop(id, None) else None

    async def drop(self, id: str, actor: views.Actor, reason: str = "") -> bool:
        return self.waiting.pop(id, None) is not None

    async def sources(self) -> tuple[received.SourceStatus, ...]:
        fresh = received.SourceStatus(
            name="erp", connector="sql", every=timedelta(minutes=5), state="fresh", fresh_at=sample.NOW
        )
        return (fresh, received.SourceStatus(name="crm", connector="http", state="down", detail="connection refused"))

    # --- knowledge

    async def entity(self, type: str, id: str) -> views.EntityView | None:
        return sample.entity(id) if type == "customer" and id in sample.CUSTOMERS else None

    async def find(self, type: str, text: str = "", limit: int = 50) -> tuple[views.EntityLine, ...]:
        lines = [views.EntityLine(type="customer", id=id, label=row[0]) for id, row in sample.CUSTOMERS.items()]
        return tuple(line for line in lines if text.casefold() in line.label.casefold())[:limit]

    async def customer_parts(self, id: str, sources: Collection[str] = ()) -> AsyncIterator[views.SourcePart]:
        view = await self.customer(id)
        for part in view.sources if view else ():
            if not sources or part.source in sources:
                yield part

    async def customer(self, id: str, *, budget: float = 0.85) -> views.CustomerView | None:
        if id not in sample.CUSTOMERS:
            return None
        record = views.RecordLine(address=f"erp/customers/{id}", version="12", recorded_at=sample.NOW)
        parts = (
            views.SourcePart(source="erp", state="fresh", age=timedelta(minutes=3), records=(record,)),
            views.SourcePart(source="crm", state="down", detail="connection refused"),
        )
        mine = tuple(each for each in self.store.values() if each.key.subject == f"customer:{id}")
        return views.CustomerView(customer=sample.entity(id), sources=parts, actions=mine, related={"invoices": ()})

    async def today(self, most: int | None = None, rulesets: frozenset[str] | None = None) -> views.Today:
        states: dict[str, int] = {}
        for each in self.store.values():
            states[each.state] = states.get(each.state, 0) + 1
        talk = (
            sample.account("C-1120", "Promised 20 March, nothing came; 41 days overdue.", "act-0002"),
            sample.account("C-1042", "Pays 15 days later than in the nine months before.", "act-0001"),
        )
        tracked = tuple(sample.account(id) for id in ("C-1077", "C-1101", "C-1133"))
        return views.Today(
            at=sample.NOW,
            tracked=tracked,
            conversations=talk,
            states=states,
            sources=await self.sources(),
            quarantined=2,
        )

    async def timeline(
        self, subject: str, after: int = 0, limit: int = 200, rulesets: frozenset[str] | None = None
    ) -> tuple[views.TimelineItem, ...]:
        told = [
            ("record", "erp", "Invoice FT-8841 over 184,250.00 TRY, due 4 March.", ""),
            ("record", "crm", "Field note by Ayşe Kaya: site is slow, they wait for their own client.", ""),
            ("decision", "system", "Proposed first_reminder: 23 days overdue.", "act-0001"),
            ("record", "mail", "Reply from muhasebe@karadenizbeton.example: we will pay on Friday.", ""),
        ]
        items = [
            views.TimelineItem(seq=n, at=sample.NOW - timedelta(days=9 - n), kind=kind, actor=actor, text=text, ref=ref)
            for n, (kind, actor, text, ref) in enumerate(told, 1)
        ]
        known = subject.removeprefix("customer:") in sample.CUSTOMERS
        return tuple(item for item in items if item.seq > after)[:limit] if known else ()

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
        found = [sample.decision(each) for each in self.store.values()]
        found = [each for each in found if ruleset in ("", each.key.ruleset) and subject in ("", each.key.subject)]
        found = [each for each in found if rule in ("", each.key.rule)]
        found = [each for each in found if rulesets is None or each.key.ruleset in rulesets]
        return tuple(_behind(found, after)[:limit])

    async def decision(self, id: str) -> Decision | None:
        return next((each for each in await self.decisions(limit=1000) if each.id == id), None)

    async def explain(self, id: str) -> reasons.Explanation | None:
        for action in self.store.values():
            found = sample.decision(action)
            if id in (action.id, found.id):
                return reasons.Explanation(id=id, decision=found, action=action)
        return None

    async def why_not(self, rule: str, subject: str) -> reasons.WhyNot | outcomes.Refused:
        if rule != "collections/overdue_account":
            return outcomes.Refused((Problem("unknown-rule", f"There is no rule {rule}."),))
        parts = (
            reasons.Conjunct(text='i.status = "open"', truth="true"),
            reasons.Conjunct(
                text="i.days_overdue > 7", truth="false", reason="days_overdue is 3", values={"days_overdue": 3}
            ),
        )
        return reasons.WhyNot(
            rule=rule, subject=subject, truth="false", sentence="days_overdue is 3, not more than 7.", conjuncts=parts
        )

    async def funnel(self, rule: str) -> reasons.Funnel | outcomes.Refused:
        if rule != "collections/overdue_account":
            return outcomes.Refused((Problem("unknown-rule", f"There is no rule {rule}."),))
        stages = (
            reasons.FunnelStage(text='i.status = "open"', passing=40, left=40),
            reasons.FunnelStage(text="i.days_overdue > 7", passing=38, left=37),
        )
        return reasons.Funnel(rule=rule, subject="customer", subjects=160, stages=stages)

    # --- inbox

    async def actions(
        self, *, state: str = "", subject: str = "", after: str = "", limit: int = 50
    ) -> tuple[Action, ...]:
        found = [
            each for each in self.store.values() if state in ("", each.state) and subject in ("", each.key.subject)
        ]
        return tuple(_behind(found, after)[:limit])

    async def action(self, id: str) -> Action | None:
        return self.store.get(id)

    async def decide(self, verdict: Verdict, actor: views.Actor, idempotency_key: str = "") -> outcomes.DecideOutcome:
        if idempotency_key in self.answers:
            before, outcome = self.answers[idempotency_key]
            if msgspec.structs.replace(before, at=verdict.at) != verdict:
                return outcomes.BadVerdict(
                    (Problem("key-reused", "This Idempotency-Key was sent with another verdict."),)
                )
            return outcome
        outcome = self._decide(verdict, actor)
        if idempotency_key and isinstance(outcome, outcomes.Decided):
            self.answers[idempotency_key] = (verdict, outcome)
        return outcome

    def _decide(self, verdict: Verdict, actor: views.Actor) -> outcomes.DecideOutcome:
        action = self.store.get(verdict.action)
        if action is None:
            return outcomes.UnknownAction(verdict.action)
        if self.limit and action.key.ruleset not in self.limit:
            return outcomes.NotThisPerson(f"{actor.id} does not decide for {action.key.ruleset}.")
        if action.state not in DECIDABLE:
            last = action.history[-1]
            return outcomes.AlreadyDecided(action, last.by, last.at)
        if verdict.digest != action.digest:
            return outcomes.StaleDigest(action, (outcomes.Difference("balance", "90.00", sample.lira("100.00")),))
        wrong = set(verdict.edit or {}) - {"subject", "text"}
        if wrong:
            return outcomes.NotEditable((Problem("not-editable", f"{', '.join(sorted(wrong))} may not be edited."),))
        if verdict.verdict == "delegate" and verdict.to not in {each.id for each in sample.PEOPLE}:
            return outcomes.BadVerdict((Problem("unknown-person", f"There is no person {verdict.to!r}."),))
        return outcomes.Decided(self._moved(action, verdict))

    def _moved(self, action: Action, verdict: Verdict) -> Action:
        noted = {"edit": "edited", "delegate": "delegated", "snooze": "snoozed"}.get(
            verdict.verdict, NEXT[verdict.verdict]
        )
        step = HistoryItem(at=verdict.at, state=noted, by=verdict.by, reason=verdict.reason)
        payload = {**action.payload, **(verdict.edit or {})}
        edited = verdict.verdict == "edit"
        moved = msgspec.structs.replace(
            action,
            state=NEXT[verdict.verdict],
            payload=payload,
            version=action.version + edited,
            digest="e" * 64 if edited else action.digest,
            history=(*action.history, step),
        )
        self.store[action.id] = moved
        return moved

    async def undo(self, id: str, actor: views.Actor, reason: str = "") -> outcomes.DecideOutcome:
        return self._noted(id, "pending", "approved", actor, reason)

    async def claim(self, id: str, actor: views.Actor) -> outcomes.DecideOutcome:
        return self._noted(id, "claimed", "pending", actor)

    async def comment(self, id: str, text: str, actor: views.Actor) -> outcomes.DecideOutcome:
        return self._noted(id, "commented", "", actor, text)

    async def settle(
        self, id: str, word: outcomes.Settling, actor: views.Actor, reason: str = "", to: str = ""
    ) -> outcomes.DecideOutcome:
        return self._noted(id, word, "unknown" if word in ("happened", "missed") else "failed", actor, reason)

    def _noted(self, id: str, word: str, state: str, actor: views.Actor, reason: str = "") -> outcomes.DecideOutcome:
        action = self.store.get(id)
        if action is None:
            return outcomes.UnknownAction(id)
        if state not in ("", action.state):
            return outcomes.AlreadyDecided(action, action.history[-1].by, action.history[-1].at)
        step = HistoryItem(at=self.clock.now(), state=word, by=actor.id, reason=reason)
        self.store[id] = msgspec.structs.replace(action, history=(*action.history, step))
        return outcomes.Decided(self.store[id])

    async def asked(self, token: str) -> views.Asked | None:
        return None

    async def decide_by_link(self, token: str, choice: str, code: str = "", reason: str = "") -> outcomes.DecideOutcome:
        return outcomes.NotThisPerson("this link is not valid any more")

    async def trust(self, actor: views.Actor) -> bool:
        return False

    def operation(self, name: str) -> Operation | None:
        return MAIL if name == "mail.send" else None

    def people(self) -> tuple[views.Person, ...]:
        return sample.PEOPLE

    # --- control

    async def switches(self) -> tuple[outcomes.Switch, ...]:
        return tuple(self.pulled.values())

    async def set_switch(
        self, scope: str, on: bool, reason: str, actor: views.Actor
    ) -> outcomes.Switch | outcomes.Refused:
        if scope == "source:nowhere":
            return outcomes.Refused((Problem("unknown-scope", "There is no source nowhere."),))
        switch = outcomes.Switch(scope=scope, on=on, reason=reason, by=actor.id, at=self.clock.now())
        self.pulled.pop(scope, None)
        if on:
            self.pulled[scope] = switch
        return switch

    async def autonomy(self) -> tuple[outcomes.Autonomy, ...]:
        return (self._row(),)

    def _row(self) -> outcomes.Autonomy:
        return outcomes.Autonomy(
            ruleset="collections", rule="overdue_account", action="first_reminder", stage="approval",
            labelled=3, correct=3, missing=("497 more labelled samples (of 500)",),
        )  # fmt: skip

    async def change_autonomy(self, ruleset: str, rule: str, action: str, step: str, actor: views.Actor) -> Any:
        if (ruleset, rule, action) != ("collections", "overdue_account", "first_reminder"):
            return outcomes.Refused((Problem("unknown-action", "There is no such action."),))
        if step == "promote":
            return outcomes.Refused((Problem("evidence-missing", "497 more labelled samples (of 500)."),))
        return self._row()

    async def carry_autonomy(self, ruleset: str, rule: str, action: str, actor: views.Actor) -> Any:
        return await self.change_autonomy(ruleset, rule, action, "carry", actor)

    async def stage(self, ruleset: str, rule: str, action: str) -> Any:
        return outcomes.Stage(row=self._row(), samples=(), history=(), parts={})

    async def audits(self) -> tuple[outcomes.Audited, ...]:
        return ()

    async def moments(self, workflow: str) -> Any:
        if workflow != "collections":
            return outcomes.Refused((Problem("unknown-ruleset", f"there is no ruleset `{workflow}`"),))
        return ()

    async def label_moment(self, workflow: str, id: str, actor: views.Actor, *, should: bool) -> Any:
        return outcomes.Refused((Problem("no-moment", "Nobody asks."),))

    async def harvest(self, workflow: str) -> Any:
        return await self.candidates(workflow)

    async def candidates(self, workflow: str) -> Any:
        return await DoubleLayer.moments(self, workflow)

    async def settle_candidates(self, workflow: str, actor: views.Actor, *, accept: Any, drop: Any) -> Any:
        return outcomes.Refused((Problem("no-candidate", "There is no such candidate."),))

    async def drift(self, days: int = 30) -> tuple[Any, ...]:
        return ()

    async def watch_drift(self, days: int = 30) -> tuple[Any, ...]:
        return ()

    async def alarms(self) -> tuple[Any, ...]:
        return ()

    async def seconds(self, actor: views.Actor) -> tuple[outcomes.Audited, ...]:
        return ()

    async def second(self, id: str, actor: views.Actor, *, correct: bool, reason: str = "") -> Any:
        return outcomes.Refused((Problem("no-second", "Nobody asks."),))

    async def audit(self, id: str, actor: views.Actor, **said: Any) -> Any:
        return outcomes.Refused((Problem("no-audit", f"Nobody asks whether {id} was right."),))

    async def check(self) -> outcomes.Checked:
        return outcomes.Checked(revision="3f9c2a", rulesets=1, rules=9, problems=self.faults)

    async def bundles(self) -> tuple[outcomes.Bundle, ...]:
        return (outcomes.Bundle(id="3f9c2a", active=True, created_at=sample.NOW),)

    async def load_bundle(self, note: str, actor: views.Actor) -> outcomes.Bundle | outcomes.Refused:
        return outcomes.Refused(self.faults) if self.faults else (await self.bundles())[0]

    async def upload_bundle(self, content: bytes, note: str, actor: views.Actor) -> outcomes.Bundle | outcomes.Refused:
        return await self.load_bundle(note, actor)

    async def rollback_bundle(self, actor: views.Actor) -> outcomes.Bundle | outcomes.Refused:
        return (await self.bundles())[0]

    async def activate_bundle(self, id: str, actor: views.Actor) -> outcomes.Bundle | outcomes.Refused | None:
        return next((each for each in await self.bundles() if each.id == id), None)

    async def release_bundle(self, actor: views.Actor) -> outcomes.Bundle | outcomes.Refused:
        return outcomes.Refused((Problem("no-bundle", "the files in the folder rule already"),))

    async def bundle(self, id: str) -> configuration.BundleFiles | outcomes.Refused | None:
        files = {"config/app.yaml": "format: 1\n"}
        return configuration.BundleFiles(id=id, revision="3f9c2a", files=files) if id == "3f9c2a" else None

    async def compare(
        self, base: str, head: str = "", *, period: str = "", examples: int = 5, form: str = "json"
    ) -> Compared | Failed:
        return Failed(2, f"there is no revision {base!r}") if base == "nowhere" else Compared(b"{}", differs=False)

    async def in_force(self) -> configuration.InForce:
        return configuration.InForce(revision="3f9c2a", files=("config/app.yaml",))

    async def followed(self) -> configuration.Followed | None:
        return None

    async def config_file(self, path: str) -> str | None:
        return "format: 1\n" if path == "config/app.yaml" else None

    async def config_history(self, limit: int = 50) -> tuple[configuration.ConfigChange, ...]:
        return (configuration.ConfigChange(seq=1, at=sample.NOW, kind="activated", by="", revision="3f9c2a"),)

    async def check_files(self, files: Mapping[str, str]) -> outcomes.Checked:
        return await self.check()

    async def follow(self) -> configuration.Followed | None:
        return None

    async def verify(self) -> outcomes.Verified:
        return outcomes.Verified(entries=812, head="ab" * 32, anchored=800, problems=self.faults)

    async def advance_clock(self, to: datetime) -> outcomes.AdvanceOutcome:
        if not self.simulated:
            return outcomes.NotSimulated()
        if to < self.clock.now():
            return outcomes.Backwards(self.clock.now())
        self.clock.advance(to)
        return outcomes.Advanced(self.clock.now())

    # --- upkeep

    async def warm(self) -> None: ...
    async def tick(self) -> None: ...

    async def next_moment(self) -> datetime | None:
        return None

    async def dispatch(self) -> int:
        return 0

    async def expire(self) -> int:
        return 0

    async def anchor(self) -> None: ...

    async def catch_up(self) -> None: ...

    async def stirred(self, seconds: float) -> bool:
        await asyncio.sleep(seconds)
        return False

    async def measures(self) -> outcomes.Measures:
        return outcomes.Measures(
            at=self.clock.now(),
            tallies=Tallies(actions={"pending": 2}, oldest_pending=None, quarantined=0, head=7),
            lag={"erp": None},
            down=frozenset(),
            switches=0,
            entities=3,
            behind=timedelta(),
        )

    async def ready(self) -> outcomes.Ready:
        return outcomes.Ready(ready=not self.reasons, reasons=self.reasons)


def broken_yaml() -> Problem:
    return Problem(
        "unknown-field",
        "There is no field `balanse`.",
        Place("rules/collections/ruleset.yaml", 12, 9),
        "Did you mean balance?",
    )


def _behind(items: list[Any], after: str) -> list[Any]:
    ids = [each.id for each in items]
    return items[ids.index(after) + 1 :] if after in ids else items
