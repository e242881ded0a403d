"""One generated history through the engine and through the naive one: the same decisions and facts at each step."""

from collections import Counter
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from engine.events import ActionChange, Decision, Merge, Split, Watermark
from engine.inference.clock import HeldClock
from engine.inference.memory import decode
from engine.inference.nodes import Condition
from engine.inference.rulebook import Rulebook, Settings
from engine.inference.session import Session
from engine.inference.settle import Settler
from engine.inference.state import Entity, Unknown
from engine.inference.truth import Held
from engine.model.structs import Model
from engine.rules.structs import Ruleset
from tests.engine.inference.dice import IDS, INSIDE, MAIL, SOURCES
from tests.engine.inference.generator import Maker
from tests.engine.inference.naive import Made, Naive
from tests.engine.inference.naive_absence import Sources
from tests.engine.inference.naive_feel import Waits
from tests.engine.inference.resting import moving, words

MOVES = (
    ("change",) * 12
    + ("wait",) * 4
    + ("action",) * 4
    + ("merge", "split", "split", "restore", "adopt", "heard", "heard")
)
TELLERS = {"reply": (MAIL,)}


class Differs(AssertionError):
    """The two engines disagree."""


class Case:
    """A seed's model, rules and history in both engines."""

    def __init__(self, seed: int) -> None:
        self.maker = Maker(seed)
        self.model = self.maker.model()
        self.rulesets = self.maker.rulesets()
        self.now: datetime = self.maker.start
        self.clock = HeldClock(self.now)
        self.limits = {source: limit for source, limit in (("erp", "P3D"), ("crm", "P5D")) if self.maker.chance(0.25)}
        self.begun: list[tuple[Condition, Entity, datetime]] = []
        with self.present():
            self.session = Session(self.book(self.model, self.rulesets), self.clock)
        sources = Sources(self.maker.rests.rests, self.moves, self.limits)
        self.naive = Naive(self.model, self.rulesets, self.now, INSIDE, sources)
        self.met: Counter[str] = Counter()
        self.proposals: dict[str, str] = {}
        self.log: list[str] = []

    def book(self, model: Model, rulesets: tuple[Ruleset, ...], before: Rulebook | None = None) -> Rulebook:
        leaves = {"desk.note": False, "mail.send": True}
        settings = Settings(
            zone=self.maker.zone, leaves_company=leaves, sources=tuple(sorted(SOURCES)), tellers=TELLERS,
            stale_after=self.limits,
        )  # fmt: skip
        return Rulebook(model, rulesets, settings, before)

    def run(self, steps: int = 25) -> Counter[str]:
        """Take the steps; what the clock makes true is taken as true since the present, whatever the engine says.

        What it says is held against the facts.
        """
        with self.present():
            return self.played(steps)

    def present(self) -> AbstractContextManager[object]:
        true_since = Settler.true_since

        def at_present(settler: Settler, condition: Condition, entity: Entity) -> datetime | None:
            since = true_since(settler, condition, entity)
            if since is None:
                return None
            self.begun.append((condition, entity, since))
            return settler.env.now.astimezone(UTC)

        return patch.object(Settler, "true_since", at_present)

    def played(self, steps: int) -> Counter[str]:
        self.met["cases"] += 1
        loading = self.maker.chance(0.5)
        for step in range(steps):
            move = "change" if step < 8 else self.maker.pick(MOVES)
            if self.maker.chance(0.7):
                self.now = self.later()
                self.clock.set(self.now)
            getattr(self, "move_" + move)(loading and step < 8)
            self.compare_facts()
        return self.met

    def later(self) -> datetime:
        pause = self.maker.pause()
        return (self.now.astimezone(UTC) + pause).astimezone(self.maker.zone)

    def moves(self, text: str) -> bool:
        return bool(self.named_in(text) & moving(self.model, self.rulesets))

    def named_in(self, text: str) -> set[str]:
        """The names in a condition, those of a `let` taken for what they stand for."""
        found = words(text)
        for ruleset in self.rulesets:
            for rule in ruleset.rules:
                for name, part in rule.let.items():
                    found |= words(part.text) if name in found else set()
        return found

    # --- moves --------------------------------------------------------------------------------------------------

    def apply(self, event: Any, *, first_load: bool = False) -> None:
        self.log.append(f"{self.now} {event}")
        made = self.session.apply(event, first_load=first_load)
        self.compare(made, self.naive.apply(self.named(event), self.now, first_load=first_load))

    def named(self, event: Any) -> Any:
        if isinstance(event, ActionChange):
            return ActionChange(self.proposals[event.proposal], event.state, event.at, event.by)
        return event

    def move_change(self, first_load: bool) -> None:
        event = self.maker.change(self.now)
        self.met["deletes"] += event.deleted
        self.met["nulls"] += len(event.fields) < 5
        self.apply(event, first_load=first_load)

    def move_wait(self, _loading: bool) -> None:
        self.now = self.later()
        self.clock.set(self.now)
        self.log.append(f"{self.now} waits")
        made = self.session.advance(self.now)
        self.met["time flips"] += len(made)
        self.compare(made, self.naive.advance(self.now))

    def move_action(self, _loading: bool) -> None:
        live = sorted(self.session.activations.live)
        known = live if live and self.maker.chance(0.9) else sorted(self.proposals)
        if not known:
            return
        state = self.maker.pick(("sent", "sent", "sent", "rejected", "expired", "approved", "failed", "failed"))
        failed = sorted(filter(self.failed, self.proposals))
        if failed and self.maker.chance(0.5):
            known, state = failed, "scheduled"
        self.met["action " + state] += 1
        self.apply(ActionChange(self.maker.pick(known), state, self.now, "ayse"))

    def failed(self, proposal: str) -> bool:
        act, entity = self.session.activations.known.get(proposal, (None, None))
        activation = self.session.activations.by_act[act.index].get(entity) if act and entity else None
        return activation is not None and activation.proposal == proposal and activation.ended == "failed"

    def move_heard(self, _loading: bool) -> None:
        source = self.maker.pick((MAIL, MAIL, *SOURCES))
        behind = self.maker.pick((timedelta(), timedelta(hours=1), timedelta(days=1)))
        self.met["watermarks"] += 1
        waited = len(self.naive.sources.waiting)
        self.apply(Watermark(source, self.now.astimezone(UTC) - behind))
        self.met["waited for a source"] += waited - len(self.naive.sources.waiting)

    def move_merge(self, _loading: bool) -> None:
        type = self.maker.pick(("customer", "customer", "invoice"))
        kept, other = self.maker.random.sample(IDS[type], 2)
        self.met["merges"] += 1
        self.apply(Merge(type, kept, other))

    def move_split(self, _loading: bool) -> None:
        whole = [entity for entity in self.session.state if len(entity.parts) > 1 and entity.type != "action"]
        if not whole:
            return
        entity = self.maker.pick(whole)
        records = sorted(part.record for part in entity.parts)
        self.met["splits"] += 1
        other = self.maker.pick(IDS[entity.type])
        self.apply(Split(entity.type, entity.id, other, tuple(records[1:])))

    def move_restore(self, _loading: bool) -> None:
        self.log.append("restored")
        content = self.session.snapshot()
        self.session = Session.restore(self.session.rulebook, self.clock, content)
        self.met["restores"] += 1
        if self.begun:
            raise Differs(f"a restored session begins to wait: {self.begun}")
        if self.session.snapshot() != content:
            raise Differs("a restored session writes itself down differently")

    def move_adopt(self, _loading: bool) -> None:
        self.rulesets = self.maker.changed(self.rulesets)
        self.log.append(f"{self.now} adopts {self.rulesets}")
        self.compare(self.session.advance(self.now), self.naive.advance(self.now))
        book = self.book(self.model, self.rulesets, self.session.rulebook)
        self.met["rules patched"] += book.change is not None
        read_back, same = Session.adopt(book, self.clock, decode(self.session.snapshot()))
        self.begun.clear()
        before = self.session
        self.session, made = self.session.turn(book)
        self.met["rules changed in place"] += self.session is before
        if made != same or self.session.snapshot() != read_back.snapshot():
            raise Differs(f"rules changed in place and read back differ: {made} against {same}")
        self.met["bundle changes"] += 1
        self.compare(made, self.naive.adopt(self.model, self.rulesets))

    # --- comparing ----------------------------------------------------------------------------------------------

    def compare(self, made: list[Decision], expected: list[Made]) -> None:
        here = [
            (each.kind, each.at.astimezone(UTC), each.key.ruleset, each.key.rule, each.key.action, each.key.subject,
             each.group, each.root)
            for each in made
        ]  # fmt: skip
        there = [
            (each.kind, each.at, each.ruleset, each.rule, each.action, each.subject, each.group, each.root)
            for each in expected
        ]
        if here != there:
            lines = "\n".join(
                f"  {mark} {each}" for mark, side in (("engine", here), ("naive", there)) for each in side
            )
            raise Differs(f"at {self.now}:\n{lines}")
        self.compare_since()
        for one, other in zip(made, expected, strict=True):
            self.met[one.kind] += 1
            self.met["at midnight" if one.at.astimezone(UTC) != self.now.astimezone(UTC) else "at once"] += 1
            self.met["grouped"] += bool(one.group)
            if one.kind == "propose":
                assert one.id not in self.proposals, f"{one.id} was proposed before"
                self.proposals[one.id] = other.proposal
            elif self.proposals[one.proposal] != other.proposal:
                raise Differs(f"{one.kind} of another proposal: {one.key}")

    def compare_since(self) -> None:
        """From the moment on since which the clock is said to have made it true it would have been, as all is known."""
        begun, self.begun = self.begun, []
        for condition, entity, since in begun:
            name = f"{condition.name}/{condition.action}" if condition.action else condition.name
            self.met["made true by the clock"] += since < self.naive.now
            for moment in self.naive.instants(since):
                if not self.naive.world.would_be(name, condition.rule, condition.when.text, entity.ref, moment):
                    raise Differs(f"{name} of {entity.ref} was not true at {moment}, and is said to be since {since}")

    def compare_facts(self) -> None:
        world = self.naive.world
        world.at(self.naive.now.astimezone(self.maker.zone))
        for type, things in world.things.items():
            if things.keys() != self.session.state.entities[type].keys() and type != "action":
                raise Differs(f"{type}: {sorted(self.session.state.entities[type])} against {sorted(things)}")
            for id, thing in things.items() if type != "action" else ():
                entity = self.session.state.entities[type][id]
                for name, field in world.types[type].fields.items():
                    if field.derived is None and field.concluded is None:
                        continue
                    self.compare_fact(entity, name, self.fact(thing, name))
        self.compare_truths()

    def fact(self, thing: Any, name: str) -> Any:
        try:
            return thing.read(name)
        except Waits as wait:
            return wait

    def compare_fact(self, entity: Entity, name: str, expected: Any) -> None:
        virtual = self.session.rulebook.virtual.get((entity.type, name))
        value = self.session.settler.compute(virtual, entity) if virtual else entity.values.get(name)
        if isinstance(value, Unknown) and isinstance(expected, Waits):
            self.met["unresolved facts"] += 1
            return
        if value != expected or type(value) is not type(expected):
            raise Differs(f"{entity.ref}.{name} is {value!r}, expected {expected!r}")

    def compare_truths(self) -> None:
        world = self.naive.world
        for node in self.session.rulebook.nodes:
            if not isinstance(node, Condition):
                continue
            for entity in self.session.state.entities[node.type].values():
                truth = self.session.truth(node, entity)
                name = f"{node.name}/{node.action}" if node.action else node.name
                expected = world.truth(name, node.rule, node.when.text, world.things[node.type][entity.id])
                if isinstance(truth, Held):
                    self.met["holds " + truth.state] += 1
                    self.met["holds for a source"] += truth.reason.startswith("something is missing")
                    self.met["holds for a rate"] += " rate from " in truth.reason
                    self.met["holds for silence"] += "has not been heard since" in truth.reason
                    was = world.truths.get((name, entity.ref), False)
                    if expected is not None or truth.was is not was:
                        raise Differs(f"{name} of {entity.ref} is {truth}, expected {expected} (was {was})")
                elif truth is not expected:
                    raise Differs(f"{name} of {entity.ref} is {truth}, expected {expected}")
