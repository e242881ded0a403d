"""A small company in YAML and a session over it: what a test tells it, and what it decides, in words."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from engine.events import ActionChange, ChangeEvent, Decision, Merge, Split, Watermark
from engine.feel import Money
from engine.inference.clock import HeldClock
from engine.inference.memory import decode
from engine.inference.rulebook import Rulebook, Settings
from engine.inference.session import Session
from engine.inference.state import Unknown
from engine.inference.truth import Held
from engine.inference.whynot import condition_of, why_not
from engine.rules import read_home
from engine.source.folder import Memory

MODEL = """
format: 1
entities:
  customer:
    root: customer
    fields:
      name: text
      segment: text
      vip: boolean
      risk: {type: text, concluded: unique, default: '"low"'}
      score: {type: number, concluded: max}
      floor: {type: number, concluded: min}
      tags: {type: text, concluded: collect}
      tier: {type: text, concluded: priority}
      ceiling: {type: money, concluded: max}
      worth: {type: money, derived: 'sum(invoices.worth)'}
  invoice:
    root: customer
    fields:
      customer: {ref: customer, inverse: invoices}
      status: text
      amount: number
      worth: money
      due: date
      seen: datetime
      open: {type: boolean, derived: 'status = "open"'}
      overdue: {type: number, derived: 'if status = "open" and today() > due then (today() - due).days else 0'}
  payment:
    root: customer
    fields:
      customer: {ref: customer, inverse: payments}
      paid_on: date
      amount: number
  group:
    fields:
      parent: {ref: group, inverse: children, acyclic: true}
      size: number
      depth: {type: number, derived: 'if parent = null then 0 else parent.depth + 1'}
      total: {type: number, derived: 'size + (if count(children) = 0 then 0 else sum(children.total))'}
"""
OF_RULE = ("existing", "instead_of", "was", "exclusive", "priority")
START = datetime(2026, 3, 2, 9, tzinfo=ZoneInfo("Europe/Istanbul"))


def rulebook(rules: str, *, model: str = MODEL, zone: str = "Europe/Istanbul", **settings: Any) -> Rulebook:
    """Compile `rules` (the YAML below `rules:`) as the ruleset `shop`; operations of `desk` stay inside."""
    home = read_home(Memory({"config/model.yaml": model, "rules/shop/ruleset.yaml": f"format: 1\nrules:\n{rules}"}))
    assert not [each for each in home.problems if each.place and each.place.file.startswith(("config/model", "rules/"))]
    leaves = {"desk.note": False, "mail.send": True}
    return Rulebook(
        home.model, tuple(home.rulesets.values()), Settings(zone=ZoneInfo(zone), leaves_company=leaves, **settings)
    )


class Told:
    """A session with a clock of its own."""

    def __init__(self, rules: str, *, at: datetime = START, **options: Any) -> None:
        self.clock = HeldClock(at)
        self.session = Session(rulebook(rules, **options), self.clock)
        self.last: dict[str, str] = {}
        self.decisions: list[Decision] = []

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def tell(self, ref: str, *, source: str = "erp", first_load: bool = False, **fields: Any) -> list[str]:
        type, _, id = ref.partition(":")
        event = ChangeEvent(entity=type, id=id, record=f"{source}/{type}/{id}", fields=fields)
        return self._say(self.session.apply(event, first_load=first_load))

    def delete(self, ref: str, *, source: str = "erp") -> list[str]:
        type, _, id = ref.partition(":")
        event = ChangeEvent(entity=type, id=id, record=f"{source}/{type}/{id}", fields={}, deleted=True)
        return self._say(self.session.apply(event))

    def wait(self, **span: float) -> list[str]:
        return self.until((self.now.astimezone(ZoneInfo("UTC")) + timedelta(**span)).astimezone(self.now.tzinfo))

    def until(self, moment: datetime) -> list[str]:
        self.clock.set(moment)
        return self._say(self.session.advance(moment))

    def becomes(self, what: str, state: str) -> list[str]:
        """Let the latest proposal of `rule/action subject` be sent, rejected ..."""
        return self._say(self.session.apply(ActionChange(self.last[what], state, self.now, "ayse")))

    def hears(self, source: str, at: datetime | None = None) -> list[str]:
        return self._say(self.session.apply(Watermark(source, at or self.now)))

    def merge(self, type: str, id: str, other: str) -> list[str]:
        return self._say(self.session.apply(Merge(type, id, other)))

    def split(self, type: str, id: str, other: str, *records: str) -> list[str]:
        return self._say(self.session.apply(Split(type, id, other, records)))

    def restore(self) -> None:
        self.session = Session.restore(self.session.rulebook, self.clock, self.session.snapshot())

    def adopt(self, rules: str, **options: Any) -> list[str]:
        memory = decode(self.session.snapshot())
        self.session, made = Session.adopt(rulebook(rules, **options), self.clock, memory)
        return self._say(made)

    def fact(self, path: str) -> Any:
        """The value of `type:id.field`; "unresolved" or "faulty" when it has none."""
        ref, _, name = path.rpartition(".")
        entity = self.session.entity(ref)
        assert entity is not None
        virtual = self.session.rulebook.virtual.get((entity.type, name))
        value = self.session.settler.compute(virtual, entity) if virtual else entity.values.get(name)
        return value.state if isinstance(value, Unknown) else value

    def truth(self, rule: str, ref: str) -> bool | str:
        """Whether a rule holds for a subject: true, false, or why it is held."""
        condition, entity = condition_of(self.session.rulebook, rule), self.session.entity(ref)
        assert condition is not None
        assert entity is not None
        truth = self.session.truth(condition, entity)
        return truth.state if isinstance(truth, Held) else truth

    def asked(self, rule: str, ref: str) -> str:
        """The outcome of a rule's condition for a subject, looked at for the asking."""
        condition, entity = condition_of(self.session.rulebook, rule), self.session.entity(ref)
        assert condition is not None
        assert entity is not None
        return why_not(self.session, condition, entity).outcome

    def _say(self, made: list[Decision]) -> list[str]:
        self.decisions += made
        for each in made:
            if each.kind == "propose":
                self.last[f"{each.key.rule}/{each.key.action} {each.key.subject}"] = each.id
        return [f"{each.kind} {each.key.rule}/{each.key.action} {each.key.subject}" for each in made]


def rule(id: str, type: str, when: str, *, operation: str = "desk.note", **options: str) -> str:
    """A rule with one action `go`, as YAML; options are keys of the action, but for those of the rule."""
    of_rule = {name: options.pop(name) for name in OF_RULE if name in options}
    lines = [f"  - id: {id}", f"    for: {type}", "    when: |", f"      {when}"]
    lines += [f"    {name}: {value}" for name, value in of_rule.items()]
    lines += ["    do:", "      - id: go", f"        operation: {operation}"]
    lines += [f"        {name.rstrip('_')}: {quoted(value)}" for name, value in options.items()]
    return "\n".join(lines) + "\n"


def concludes(id: str, type: str, when: str, field: str, value: str, priority: int = 0) -> str:
    """A rule that sets one field, as YAML."""
    lines = [f"  - id: {id}", f"    for: {type}", "    when: |", f"      {when}", f"    priority: {priority}"]
    return "\n".join([*lines, "    set:", f"      {field}: {quoted(value)}"]) + "\n"


def quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def lira(amount: int) -> Money:
    return Money(Decimal(amount), "TRY")


def euro(amount: int) -> Money:
    return Money(Decimal(amount), "EUR")


def invoice(**fields: Any) -> Mapping[str, Any]:
    """An open invoice of 100 for customer c1."""
    return {"customer": "c1", "status": "open", "amount": Decimal(100), **fields}
