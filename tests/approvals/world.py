"""A small company for the tests of approvals: its policies, people, target system, and everything wired to a store."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from approvals.context import Context, offered
from approvals.dispatch.aftercare import Aftercare
from approvals.dispatch.dispatcher import Dispatcher
from approvals.dispatch.ports import DEFAULTS, Check, Checked, Outbox, Settings, StillTrue
from approvals.dispatch.receipts import Echoes
from approvals.dispatch.unknown import LookUp
from approvals.inbox import Inbox
from approvals.life import Life
from approvals.memory import JournalMemory
from approvals.proposing import Proposing
from approvals.results import DecideResult
from approvals.structs import Approvers, Autonomy, Caps, Count, Person, Policy, Total
from engine.events import Action, ActionChange, ActionKey, Decision, Draft, Proof, Receipt, Record, Verdict
from engine.ports import Operation, Page, SourceDown, Transaction
from engine.store import SqlStore

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
SECRET = b"a secret of the tests, 32 bytes+"

TASK = Operation(
    name="crm.create_task",
    consequence="low",
    idempotency="probe",
    leaves_company=False,
    fields={"assignee": True, "title": False, "text": False, "amount": False},
    editable=frozenset({"text"}),
    body="text",
)
MAIL = Operation(
    name="mail.send",
    consequence="medium",
    idempotency="none",
    leaves_company=True,
    fields={"to": True, "subject": True, "text": True, "amount": False},
    editable=frozenset({"subject", "text"}),
    recipient="to",
    body="text",
)
UPSERT = Operation(
    name="crm.upsert",
    consequence="low",
    idempotency="upsert",
    leaves_company=False,
    fields={"assignee": True, "text": False},
    body="text",
)

POLICIES = {
    "tasks": Policy(name="tasks", approval="never", internal_only=True),
    "mail": Policy(name="mail", expires=timedelta(days=7)),
    "undo": Policy(name="undo", undo=timedelta(minutes=2)),
    "eyes": Policy(name="eyes", four_eyes=True),
    "two": Policy(name="two", quorum=2),
    "narrow": Policy(name="narrow", approvers=Approvers(roles=frozenset({"analyst"}))),
    "hourly": Policy(name="hourly", approval="never", caps=Caps(per_hour=50)),
    "spending": Policy(
        name="spending", approval="never", caps=Caps(amount=Total(Decimal(1000), timedelta(days=1), "TRY"))
    ),
    "once": Policy(name="once", approval="never", caps=Caps(per_customer=Count(1, timedelta(days=2)))),
}
AYSE = Person(id="ayse", roles=frozenset({"operator"}), delegate="mehmet")
MEHMET = Person(id="mehmet", roles=frozenset({"operator"}), delegate="ayse")
CLERK = Person(id="clerk", roles=frozenset({"operator"}), amount_limit=Decimal(500))
VIEWER = Person(id="viewer", roles=frozenset({"viewer"}))
SALES = Person(id="sales", roles=frozenset({"operator"}), rulesets=frozenset({"sales"}))
PEOPLE = {each.id: each for each in (AYSE, MEHMET, CLERK, VIEWER, SALES)}


class ManualClock:
    """Stands where it is put."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time

    def advance(self, **by: float) -> None:
        self.time += timedelta(**by)


class Target:
    """A target system in memory: keeps each write, remembers keys where the operation says it does.

    `answers` are given before anything is done; after them every write is ok.
    """

    streams: tuple[str, ...] = ()

    def __init__(self, name: str, *operations: Operation) -> None:
        self.name = name
        self.operations: Mapping[str, Operation] = {each.name.partition(".")[2]: each for each in operations}
        self.answers: list[Receipt | Exception] = []
        self.written: list[tuple[str, Mapping[str, Any]]] = []
        self.down = False

    async def read(self, stream: str, cursor: str) -> AsyncIterator[Page]:  # noqa: ARG002  (the port's form)
        raise SourceDown("it has no streams")
        yield

    async def perform(self, operation: str, payload: Mapping[str, Any], key: str) -> Receipt:
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        return self.write(operation, payload, key)

    def write(self, operation: str, payload: Mapping[str, Any], key: str) -> Receipt:
        known = self.operations[operation].idempotency in ("native_key", "upsert")
        if not (known and any(each == key for each, _ in self.written)):
            self.written.append((key, payload))
        return Receipt(result="ok", reference=f"{self.name}-{key}")

    async def probe(self, operation: str, payload: Any, key: str) -> Receipt | None:  # noqa: ARG002  (the port's form)
        if self.down:
            raise SourceDown("no answer")
        found = any(each == key for each, _ in self.written)
        return Receipt(result="ok", reference=f"{self.name}-{key}") if found else None

    async def aclose(self) -> None:
        return


async def nothing_moved(_action: Action) -> Checked:
    return StillTrue()


@dataclass
class World:
    """Everything wired together over one store."""

    store: SqlStore
    clock: ManualClock
    crm: Target = field(default_factory=lambda: Target("crm", TASK, UPSERT))
    mail: Target = field(default_factory=lambda: Target("mail", MAIL))
    changes: list[ActionChange] = field(default_factory=list)
    authors: Callable[[ActionKey, str], frozenset[str]] = lambda _key, _revision: frozenset()
    check: Check = nothing_moved
    settings: Settings = DEFAULTS
    policies: Mapping[str, Policy] = field(default_factory=lambda: POLICIES)

    def __post_init__(self) -> None:
        async def listener(_tx: Transaction, change: ActionChange, _seq: int) -> None:
            self.changes.append(change)

        self.context = Context(
            autonomy=Autonomy(policies=self.policies, default="mail", currency="TRY"),
            operations=offered(self.connector),
            authors=self._authors,
            life=Life([listener]),
        )
        self.memory = JournalMemory(self.store)
        self.proposing = Proposing(self.context)
        self.inbox = Inbox(self.context, PEOPLE, self.memory)
        self.aftercare = Aftercare(self.context)

    def _authors(self, key: ActionKey, revision: str) -> frozenset[str]:
        return self.authors(key, revision)

    async def _check(self, action: Action) -> Checked:
        return await self.check(action)

    def connector(self, name: str) -> Target | None:
        return {"crm": self.crm, "mail": self.mail}.get(name)

    def dispatcher(self, worker: str = "w1") -> Dispatcher:
        return Dispatcher(self.outbox(worker), self._check, worker)

    def look_up(self) -> LookUp:
        return LookUp(self.outbox(1))

    def outbox(self, seed: str | int) -> Outbox:
        return Outbox(self.store, self.memory, self.context, self.connector, self.clock, self.settings, Random(seed))

    async def propose(self, id: str = "p1", policy: str = "mail", draft: Draft | None = None, **changes: Any) -> Action:
        async with self.store.transaction() as tx:
            return await self.proposing.propose(tx, decision(id, policy=policy, **changes), draft or words())

    async def decide(
        self, verdict: str, person: Person = AYSE, id: str = "p1", key: str = "", digest: str = "", **changes: Any
    ) -> DecideResult:
        digest = digest or (await self.action(id)).digest
        given: dict[str, Any] = {"channel": "api", "at": self.clock.now(), "by": person.id} | changes
        async with self.store.transaction() as tx:
            said = Verdict(action=id, verdict=verdict, digest=digest, **given)
            return await self.inbox.decide(tx, said, person, key)

    async def withdraw(self, id: str = "p1", reason: str = "paid") -> Action | None:
        async with self.store.transaction() as tx:
            gone = decision(f"w-{id}", kind="withdraw", proposal=id, at=self.clock.now(), because=reason)
            return await self.proposing.withdraw(tx, gone)

    async def action(self, id: str = "p1") -> Action:
        action = await self.store.action(id)
        assert action is not None
        return action

    async def state(self, id: str = "p1") -> str:
        return (await self.action(id)).state

    async def journal(self, *kinds: Any, id: str = "p1") -> list[Mapping[str, Any]]:
        found = await self.store.entries(subject=f"action:{id}", kinds=kinds)
        return [entry.body for entry in found if entry.body is not None]


async def echoed(world: World, key: str, **data: Any) -> str:
    """Return the action whose own write a record of the CRM tells."""
    async with world.store.transaction() as tx:
        record = Record(source="crm", stream="tasks", key=key, data=data)
        return await Echoes(world.store, world.connector).of(tx, record, world.clock.now())


def decision(id: str = "p1", **changes: Any) -> Decision:
    given: dict[str, Any] = {
        "id": id,
        "kind": "propose",
        "proposal": id,
        "key": ActionKey("collections", "overdue", "remind", f"customer:C-{id}"),
        "at": START,
        "revision": "r1",
        "because": "8 days overdue",
        "operation": "mail.send",
        "inputs": {"to": "info@acme.example"},
        "draft": "prompts/reminder.md",
        "proof": Proof(kind="action", path="customer:C1"),
    } | changes
    return Decision(**given)


def words(text: str = "Dear Acme, please pay what is open.", **changes: Any) -> Draft:
    given: dict[str, Any] = {"subject": "Reminder", "template": text, "text": text, "slots": {}} | changes
    return Draft(**given)


def task(**inputs: Any) -> dict[str, Any]:
    """What a decision that makes a task differs in."""
    return {"operation": "crm.create_task", "inputs": {"assignee": "p7", **inputs}}
