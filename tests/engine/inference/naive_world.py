"""What the naive engine was told, and what follows from it at one instant: everything computed anew, nothing kept."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from engine.feel import Money, ast, parse
from engine.model.structs import EntityType, Field, Model
from engine.rules.structs import Rule, Ruleset
from tests.engine.inference.naive_absence import Hindsight, Sources
from tests.engine.inference.naive_feel import Scope, Waits, distinct, equal, less, walk

LIFE = ("ruleset", "rule", "action", "subject", "operation", "state", "by")
TIMES = ("proposed_at", "decided_at", "sent_at", "ended_at")


class Thing:
    """An entity: what each record says of it."""

    def __init__(self, world: "World", type: str, id: str) -> None:
        self.world, self.type, self.id = world, type, id
        self.records: dict[str, Mapping[str, Any]] = {}
        self.told: dict[str, datetime] = {}

    @property
    def ref(self) -> str:
        return f"{self.type}:{self.id}"

    def has(self, name: str) -> bool:
        return name in self.world.names[self.type]

    def given(self, name: str) -> Any:
        """The first value that a record gives, records in the order of their names."""
        told = [self.records[record].get(name) for record in sorted(self.records)]
        return next((value for value in told if value is not None), None)

    def fresh(self, name: str) -> Any:
        """What is given of a field that is no reference, unless its source has fallen silent."""
        for record in sorted(self.records):
            if self.records[record].get(name) is not None:
                end = self.world.sources.end(record.partition("/")[0], self.told.get(record, self.world.now))
                if end is not None and end <= self.world.now.astimezone(UTC):
                    raise Waits(f"{name} of {self.ref} is stale")
                break
        return self.given(name)

    def read(self, name: str) -> Any:
        return self.world.read(self, name)


class World:
    """Entities by type and id, and the keys that name them."""

    def __init__(self, model: Model, now: datetime, sources: Sources) -> None:
        self.now = now
        self.sources = sources
        self.things: dict[str, dict[str, Thing]] = {}
        self.keys: dict[str, dict[str, Thing]] = {}
        self.truths: dict[tuple[str, str], bool] = {}
        self.standing: dict[tuple[str, str], dict[str, Any]] = {}
        self.rules: dict[str, Rule] = {}
        self.use(model, ())

    def use(self, model: Model, rulesets: tuple[Ruleset, ...]) -> None:
        """Take a model and rules; what was told stays."""
        life = {name: Field(type="text") for name in LIFE} | {name: Field(type="datetime") for name in TIMES}
        life |= {type: Field(ref=type, inverse="actions") for type in model.entities}
        self.types = {**model.entities, "action": EntityType(name="action", fields=life)}
        self.things = {type: self.things.get(type, {}) for type in self.types}
        self.keys = {type: self.keys.get(type, {}) for type in self.types}
        self.collections: dict[tuple[str, str], tuple[str, str]] = {}
        for type, entity in self.types.items():
            for name, field in entity.fields.items():
                if field.ref and field.inverse:
                    self.collections[field.ref, field.inverse] = (type, name)
        self.names = {
            type: {"id", *entity.fields, *(name for owner, name in self.collections if owner == type)}
            for type, entity in self.types.items()
        }
        self.everywhere = {"in currency"}.union(*self.names.values())
        self.rules = {f"{ruleset.id}/{rule.id}": rule for ruleset in rulesets for rule in ruleset.rules}
        self.parsed: dict[str, ast.Node] = {}
        self.memo: dict[tuple[Thing, str], Any] = {}
        self.reading: set[tuple[Thing, str]] = set()

    # --- what is told -------------------------------------------------------------------------------------------

    def find(self, type: str, key: str) -> Thing | None:
        return self.things[type].get(key) or self.keys[type].get(key)

    def tell(self, type: str, id: str, record: str, keys: tuple[str, ...], fields: Mapping[str, Any]) -> Thing:
        thing = self.keys[type].get(record) or self.find(type, id)
        if thing is None:
            thing = self.make(type, id)
        for key in (record, *keys):
            self.keys[type][key] = thing
        thing.records[record], thing.told[record] = fields, self.now.astimezone(UTC)
        return thing

    def make(self, type: str, id: str) -> Thing:
        thing = self.things[type][id] = self.keys[type][id] = Thing(self, type, id)
        return thing

    def forget(self, type: str, id: str, record: str) -> None:
        thing = self.keys[type].get(record) or self.find(type, id)
        if thing is not None and thing.records.pop(record, None) is not None and not thing.records:
            self.remove(thing)

    def remove(self, thing: Thing) -> None:
        del self.things[thing.type][thing.id]
        for key, named in [*self.keys[thing.type].items()]:
            if named is thing:
                del self.keys[thing.type][key]
        for memory in (self.truths, self.standing):
            for each in [each for each in memory if each[1] == thing.ref]:
                del memory[each]  # type: ignore[attr-defined]
        for asked in [asked for asked in self.sources.waiting if asked[1] == thing.ref]:
            self.sources.drop(asked)

    def merge(self, kept: Thing, other: Thing) -> None:
        kept.records.update(other.records)
        kept.told.update(other.told)
        for key, named in [*self.keys[kept.type].items()]:
            if named is other:
                self.keys[kept.type][key] = kept
        self.remove(other)

    def split(self, thing: Thing, id: str, records: tuple[str, ...]) -> Thing:
        other = self.things[thing.type].get(id) or self.make(thing.type, id)
        for record in records:
            other.records[record] = thing.records.pop(record)
            other.told[record] = thing.told[record]
            self.keys[thing.type][record] = other
        if not thing.records:
            self.remove(thing)
        return other

    # --- what follows -------------------------------------------------------------------------------------------

    def at(self, now: datetime) -> None:
        """Look at everything at an instant; definite truths and conclusions are remembered for later holds."""
        self.now = now
        self.memo.clear()
        for name, rule in self.rules.items():
            for thing in self.things[rule.for_].values():
                for key, when in [(name, rule.when)] + [
                    (f"{name}/{spec.id}", spec.while_) for spec in rule.do if spec.while_ is not None
                ]:
                    self.truth(key, rule, when.text, thing)
        for (thing, key), value in [*self.memo.items()]:
            if key.startswith("?") and isinstance(value, bool):
                self.truths[key[1:], thing.ref] = value
                if key[1:] in self.rules:
                    self.standing[key[1:], thing.ref] = self.conclusions(key[1:], thing)

    def truth(self, key: str, rule: Rule, text: str, thing: Thing) -> bool | None:
        """True, false, or None for what holds: null, unresolved, faulty, or what still waits for its source."""
        found: bool | None = self.remember(thing, "?" + key, lambda: self.judged(key, rule, text, thing))
        return found

    def judged(self, key: str, rule: Rule, text: str, thing: Thing) -> bool | None:
        try:
            value = walk(self.parse(text), self.scope(thing, rule))
        except Waits:
            value = None
        asked = (key, thing.ref)
        truth = value if isinstance(value, bool) else None
        return self.sources.judge(asked, text, truth, self.truths.get(asked, False), self.now.astimezone(UTC))

    def would_be(self, key: str, rule: Rule, text: str, ref: str, moment: datetime) -> bool:
        """Whether a condition would have been true at a moment, had all been known then that is known now."""
        thing = self.find(*ref.split(":", 1))
        held = {(name[1:], each.ref) for (each, name), found in self.memo.items() if name[0] == "?" and found is None}
        present = self.now, self.memo, self.sources
        self.sources = Hindsight(self.sources, held - {(key, ref)})
        try:
            for self.now in (present[0], moment.astimezone(present[0].tzinfo)):
                self.memo = {}
                found = thing is not None and self.truth(key, rule, text, thing)
                if self.now is present[0] and found is not True:  # it was for a while only
                    return True
            return found is True
        finally:
            self.now, self.memo, self.sources = present

    def conclusions(self, name: str, thing: Thing) -> dict[str, Any]:
        """What a rule concludes: as it stood while its condition holds."""
        rule = self.rules[name]
        truth = self.truth(name, rule, rule.when.text, thing)
        if truth is None:
            stood = self.standing.get((name, thing.ref), {})
            return {field: value for field, value in stood.items() if field in rule.set}
        if not truth:
            return {}
        return {field: self.attempt(thing, rule, value.text) for field, value in rule.set.items()}

    def attempt(self, thing: Thing, rule: Rule, text: str) -> Any:
        try:
            return walk(self.parse(text), self.scope(thing, rule))
        except Waits as wait:
            return wait

    def remember(self, thing: Thing, name: str, make: Callable[[], Any]) -> Any:
        key = (thing, name)
        if key not in self.memo:
            try:
                self.memo[key] = make()
            except Waits as wait:
                self.memo[key] = wait
        if isinstance(self.memo[key], Waits):
            raise self.memo[key]
        return self.memo[key]

    def read(self, thing: Thing, name: str) -> Any:
        if name == "id":
            return thing.id
        if (thing.type, name) in self.collections:
            return self.members(thing, name)
        field = self.types[thing.type].fields[name]
        if field.ref:
            return self.target(thing, name, field)
        if field.derived is not None:
            text = field.derived.text
            return self.remember(thing, name, lambda: walk(self.parse(text), self.scope(thing)))
        if field.concluded is not None:
            return self.remember(thing, name, lambda: self.concluded(thing, name, field))
        return thing.fresh(name)

    def convert(self, money: Any, currency: str, on: date) -> Any:
        """By the last rate of the day in this direction, else in the other one."""
        if money.currency == currency:
            return money
        for pair, there in (((money.currency, currency), True), ((currency, money.currency), False)):
            known = [
                rate
                for rate in map(self.rate, self.things["fx"].values())
                if rate and rate[0] == pair and rate[1] <= on
            ]
            last = {mid for _, day, mid in known if day == max(day for _, day, _ in known)}
            if len(last) > 1:
                raise Waits(f"the rates of {pair} differ")
            for mid in last:
                return Money(money.amount * mid if there else money.amount / mid, currency)
        raise Waits(f"no rate from {money.currency} to {currency}")

    def rate(self, thing: Thing) -> tuple[tuple[str, str], date, Decimal] | None:
        try:
            of, to, day, mid = (thing.fresh(name) for name in ("of", "to", "day", "mid"))
        except Waits:
            return None
        return None if None in (of, to, day, mid) or mid <= 0 else ((of, to), day, mid)

    def target(self, thing: Thing, name: str, field: Field) -> Any:
        key = thing.given(name)
        if key is None:
            return None
        assert field.ref is not None
        found = self.keys[field.ref].get(str(key))
        if found is None:
            raise Waits(f"{thing.ref} refers to {field.ref} {key}")
        if field.acyclic and self.circles(thing, name, field):
            raise Waits(f"{thing.ref} leads back to itself")
        return found

    def circles(self, thing: Thing, name: str, field: Field) -> bool:
        at, seen = thing, set()
        while at not in seen:
            seen.add(at)
            following = self.keys[str(field.ref)].get(str(at.given(name)))
            if following is None:
                return False
            at = following
        return at is thing

    def members(self, thing: Thing, name: str) -> list[Thing]:
        type, back = self.collections[thing.type, name]
        field = self.types[type].fields[back]
        found = [
            item
            for item in self.things[type].values()
            if item.given(back) is not None and self.keys[thing.type].get(str(item.given(back))) is thing
        ]
        if field.acyclic and any(self.circles(item, back, field) for item in found):
            raise Waits(f"{thing.ref} is led back to")
        return sorted(found, key=lambda item: item.id)

    def concluded(self, thing: Thing, name: str, field: Field) -> Any:
        given = [
            (rule.priority, key, value)
            for key, rule in self.rules.items()
            if rule.for_ == thing.type and name in rule.set
            for value in [self.conclusions(key, thing).get(name, self)]
            if value is not self
        ]
        if not given:
            return walk(self.parse(field.default.text), self.scope(thing)) if field.default else None
        for _, _, value in given:
            if isinstance(value, Waits):
                raise value
        values = [value for _, _, value in sorted(given, key=lambda each: each[1])]
        if field.concluded == "collect":
            return distinct(values)
        if field.concluded in ("max", "min"):
            return best([value for value in values if value is not None], field.concluded)
        if field.concluded == "priority":
            highest = max(priority for priority, _, _ in given)
            values = [value for priority, _, value in given if priority == highest]
        if any(not equal(value, values[0]) for value in values):
            raise Waits(f"{thing.ref} has contradicting conclusions about {name}")
        return values[0]

    # --- expressions --------------------------------------------------------------------------------------------

    def parse(self, text: str) -> ast.Node:
        if text not in self.parsed:
            self.parsed[text] = parse(text, names=self.everywhere)
        return self.parsed[text]

    def scope(self, thing: Thing, rule: Rule | None = None) -> Scope:
        lets = rule.let if rule else {}

        def lookup(name: str) -> Any:
            return walk(self.parse(lets[name].text), self.scope(thing, rule)) if name in lets else thing.read(name)

        return Scope(lookup, self.now, self.convert)

    def moments(self) -> Iterator[datetime]:
        """Every time of day that anything says."""
        for things in self.things.values():
            for thing in things.values():
                for record, fields in thing.records.items():
                    yield from (value for value in fields.values() if isinstance(value, datetime))
                    end = self.sources.end(record.partition("/")[0], thing.told.get(record, self.now))
                    if end is not None:
                        yield end


def best(values: list[Any], which: str) -> Any:
    found = values[0] if values else None
    for value in values[1:]:
        if less(value, found) if which == "min" else less(found, value):
            found = value
    return found
