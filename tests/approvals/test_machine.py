"""The life of an action under anything that people, targets, crashes and the world may do to it, in any order."""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from approvals.dispatch.ports import Checked, Moved, NoLonger, StillTrue
from approvals.life import NEXT
from approvals.payload import digest_of
from approvals.results import Decided
from engine.events import Action, Receipt
from engine.store import open_store
from tests.approvals.world import AYSE, MAIL, MEHMET, SECRET, TASK, UPSERT, ManualClock, Target, World, task

FINAL = ("sent", "withdrawn", "rejected", "expired")
CALM = ("ok", "rejected", "conflict", "throttled", "unavailable", "deferred")
LOST = ("lost before", "lost after", "crash before", "crash after")


class Crash(BaseException):
    """The process ends here."""


class Fate(Target):
    """Does what fate says, and keeps the digest of what it was given."""

    def __init__(self, name: str, *operations: Any) -> None:
        super().__init__(name, *operations)
        self.fate = "ok"
        self.given: list[tuple[str, str]] = []

    async def perform(self, operation: str, payload: Mapping[str, Any], key: str) -> Receipt:
        if self.fate in ("ok", "lost after", "crash after"):
            receipt = self.write(operation, payload, key)
            self.given.append((key, digest_of(key, f"{self.name}.{operation}", payload)))
        if self.fate.startswith("crash"):
            raise Crash
        if self.fate.startswith("lost"):
            return Receipt(result="uncertain")
        return receipt if self.fate == "ok" else Receipt(result=self.fate)


class LifeOfActions(RuleBasedStateMachine):
    """A few actions, one worker, two people; what must never happen is in the invariants."""

    ids = Bundle("ids")

    @initialize()
    def begin(self) -> None:
        self.runner = asyncio.Runner()
        self.clock = ManualClock()
        store = self.run(open_store("sqlite://", clock=self.clock, secret=SECRET))
        self.world = World(store, self.clock, crm=Fate("crm", TASK, UPSERT), mail=Fate("mail", MAIL))
        self.world.check = self.checked
        self.known: dict[str, Action] = {}
        self.approved: set[tuple[str, str]] = set()
        self.gone: set[str] = set()
        self.moved: dict[str, int] = {}
        self.stopped = False

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    async def checked(self, action: Action) -> Checked:
        if action.id in self.gone:
            return NoLonger("the reason is gone")
        if self.moved.get(action.id, 0) != action.payload.get("amount", 0):
            return Moved("the amount changed", inputs={"amount": self.moved[action.id]})
        return StillTrue()

    def targets(self) -> tuple[Fate, Fate]:
        assert isinstance(self.world.crm, Fate)
        assert isinstance(self.world.mail, Fate)
        return self.world.crm, self.world.mail

    def note(self, result: Any) -> None:
        if isinstance(result, Decided) and result.action.state in ("approved", "scheduled"):
            self.approved.add((result.action.id, result.action.digest))

    @rule(target=ids, kind=st.sampled_from(["task", "upsert", "mail", "undo"]))
    def propose(self, kind: str) -> str:
        id = f"p{len(self.known)}"
        changes = {
            "task": {"policy": "tasks", **task()},
            "upsert": {"policy": "mail", "operation": "crm.upsert", "inputs": {"assignee": "p7"}},
            "mail": {"policy": "mail"},
            "undo": {"policy": "undo"},
        }[kind]
        action = self.run(self.world.propose(id, **changes))
        self.known[id] = action
        if action.state == "approved":
            self.approved.add((id, action.digest))
        return id

    @rule(target=ids, kind=st.sampled_from(["task", "upsert", "mail", "undo"]))
    def propose_and_approve(self, kind: str) -> str:
        id = self.propose(kind)
        self.approve(id, AYSE)
        return id

    @rule(id=ids, person=st.sampled_from([AYSE, MEHMET]))
    def approve(self, id: str, person: Any) -> None:
        self.note(self.run(self.world.decide("approve", person, id)))

    @rule(id=ids)
    def approve_what_was_first_shown(self, id: str) -> None:
        shown = self.known[id].digest
        result = self.run(self.world.decide("approve", id=id, digest=shown))
        assert not isinstance(result, Decided) or result.action.digest == shown
        self.note(result)

    @rule(id=ids, word=st.sampled_from(["kindly", "soon"]))
    def edit(self, id: str, word: str) -> None:
        self.run(self.world.decide("edit", id=id, edit={"text": f"Dear Acme, please pay {word}."}))

    @rule(id=ids)
    def reject(self, id: str) -> None:
        self.run(self.world.decide("reject", id=id))

    @rule(id=ids)
    def take_back(self, id: str) -> None:
        async def undo() -> None:
            async with self.world.store.transaction() as tx:
                await self.world.inbox.undo(tx, id, AYSE, self.clock.now())

        self.run(undo())

    @rule(id=ids)
    def reason_goes(self, id: str) -> None:
        self.gone.add(id)
        self.run(self.world.withdraw(id))

    @rule(id=ids, amount=st.integers(1, 3))
    def world_moves(self, id: str, amount: int) -> None:
        if "amount" in self.operation(id).fields:
            self.moved[id] = amount

    def operation(self, id: str) -> Any:
        return self.world.context.operations(self.known[id].operation)

    @rule(fate=st.sampled_from(CALM))
    def dispatch(self, fate: str) -> None:
        self.meet(fate)

    @rule(
        target=ids,
        kind=st.sampled_from(["task", "upsert", "mail"]),
        fate=st.sampled_from(LOST),
        then=st.sampled_from(["ok", *LOST]),
        gone=st.booleans(),
    )
    def an_answer_is_lost(self, kind: str, fate: str, then: str, gone: bool) -> str:
        if self.stopped:
            self.switch()
        id = self.propose_and_approve(kind)
        self.meet(fate)
        if gone:
            self.reason_goes(id)
        for each in ("ok", then):
            self.clock.advance(minutes=5)
            self.look_up()
            self.meet(each)
        return id

    def meet(self, fate: str) -> None:
        for target in self.targets():
            target.fate = fate
        try:
            self.run(self.world.dispatcher().run())
        except Crash:
            self.clock.advance(minutes=10)

    @rule()
    def look_up(self) -> None:
        self.run(self.world.look_up().run())

    @rule(minutes=st.sampled_from([1, 10, 120, 60 * 24 * 3]))
    def time_passes(self, minutes: int) -> None:
        self.clock.advance(minutes=minutes)

        async def expire() -> None:
            async with self.world.store.transaction() as tx:
                await self.world.proposing.expire(tx, self.clock.now())

        self.run(expire())

    @rule(id=ids)
    def a_person_looks_after_it(self, id: str) -> None:
        happened = any(key == id for target in self.targets() for key, _ in target.written)

        async def settle() -> None:
            async with self.world.store.transaction() as tx:
                after, now = self.world.aftercare, self.clock.now()
                await (after.happened if happened else after.missed)(tx, id, AYSE, now)
                await (after.drop if happened else after.retry)(tx, id, AYSE, now)

        self.run(settle())

    @rule()
    def switch(self) -> None:
        self.stopped = not self.stopped

        async def pull() -> None:
            async with self.world.store.transaction() as tx:
                await tx.set_switch("all", self.stopped, "drill", "ada")

        before = [len(target.given) for target in self.targets()]
        self.run(pull())
        if self.stopped:
            self.meet("ok")
            assert [len(target.given) for target in self.targets()] == before

    @invariant()
    def nothing_is_done_twice(self) -> None:
        for target in self.targets() if hasattr(self, "world") else ():
            keys = [key for key, _ in target.written]
            assert len(keys) == len(set(keys))

    def rebuilt(self) -> set[tuple[str, str]]:
        """What policy alone had let go, it may let go again as the world has it now."""
        entries = self.run(self.world.store.entries(kinds=("action",)))
        return {
            (e.body["action"], e.body["approves"])
            for e in entries
            if e.actor == "policy:tasks" and e.body.get("approves")
        }

    @invariant()
    def only_what_was_approved_as_it_was_shown_is_done(self) -> None:
        if hasattr(self, "world"):
            self.approved |= self.rebuilt()
        for target in self.targets() if hasattr(self, "world") else ():
            assert set(target.given) <= self.approved

    @invariant()
    def every_life_is_possible_and_ends_once(self) -> None:
        for id, before in list(self.known.items()) if hasattr(self, "known") else ():
            action = self.run(self.world.action(id))
            states = [body["state"] for body in self.run(self.world.journal("action", id=id))]
            assert states[-1] == action.state
            assert all(after in NEXT[first] for first, after in zip(["proposed", *states], states, strict=False)), (
                states
            )
            assert before.state not in FINAL or action.state == before.state
            first = self.known[id]
            self.known[id] = Action(**{**fields(action), "digest": first.digest})

    @invariant()
    def what_is_sent_was_done(self) -> None:
        for id, action in self.known.items() if hasattr(self, "known") else ():
            if action.state == "sent":
                assert any(key == id for target in self.targets() for key, _ in target.written)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.run(self.world.store.aclose())
            self.runner.close()


def fields(action: Action) -> dict[str, Any]:
    return {name: getattr(action, name) for name in action.__struct_fields__}


def test_what_policy_let_go_follows_the_world_while_it_is_held_back() -> None:
    state = LifeOfActions()
    state.begin()
    id = state.propose("task")
    state.switch()
    state.switch()
    state.world_moves(id, 2)
    state.time_passes(10)
    state.meet("ok")
    state.meet("ok")
    assert [body["state"] for body in state.run(state.world.journal("action", id=id))][-3:] == [
        "approved",
        "sending",
        "sent",
    ]
    assert state.targets()[0].given == [(id, next(iter(state.rebuilt() - {(id, state.known[id].digest)}))[1])]
    state.only_what_was_approved_as_it_was_shown_is_done()
    state.every_life_is_possible_and_ends_once()
    state.teardown()


LifeOfActions.TestCase.settings = settings(
    max_examples=30, stateful_step_count=20, suppress_health_check=list(HealthCheck)
)
TestLifeOfActions = LifeOfActions.TestCase
