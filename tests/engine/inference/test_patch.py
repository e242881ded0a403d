"""One rule of many changed: the others are not looked at again, and the whole decides as if compiled from nothing."""

import random
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bench.engine import ours
from bench.engine.workload import Band, bands, events
from engine.events import ChangeEvent
from engine.inference.carry import remember
from engine.inference.clock import HeldClock
from engine.inference.nodes import Aggregated, Condition
from engine.inference.rulebook import Rulebook
from engine.inference.session import Session
from engine.model.structs import EntityType, Field, Model
from engine.rules.structs import ActionSpec, Rule, Ruleset
from engine.source.expression import Expression
from engine.source.problem import ConfigError

MODEL = Model(
    entities={
        "claim": EntityType(
            name="claim",
            fields={
                "amount": Field(type="number"),
                "kind": Field(type="text"),
                "parent": Field(ref="claim", inverse="parts"),
                "risk": Field(type="text", concluded="collect"),
                "listed": Field(type="number", derived=Expression("count(risk)")),
            },
        )
    }
)


def rule(id, when, **more):
    return Rule(id=id, for_="claim", when=Expression(when), do=(ActionSpec(id="act", operation="desk.note"),), **more)


def concluding(id, when, risk):
    return Rule(id=id, for_="claim", when=Expression(when), set={"risk": Expression(f'"{risk}"')})


def book(*rules, before=None):
    return Rulebook(MODEL, (Ruleset(id="test", rules=rules),), before=before)


def conditions(of):
    return {node.name: node for node in of.nodes if isinstance(node, Condition)}


def shared(old, new):
    """The rules whose conditions are the same objects in both."""
    return {name.partition("/")[2] for name, node in conditions(new).items() if conditions(old).get(name) is node}


def decided(rulebook):
    """What a rulebook makes of some claims: proposals with their proofs, and conclusions."""
    session = Session(rulebook, HeldClock(datetime(2026, 1, 5, tzinfo=UTC)))
    found = []
    for number in range(40):
        fields = {"amount": Decimal(number % 13), "kind": "ab"[number % 2], "parent": f"c{number // 3}"}
        event = ChangeEvent(entity="claim", id=f"c{number}", record=f"desk/c{number}", fields=fields)
        found += [(each.id, each.kind, each.because, each.proof) for each in session.apply(event)]
    return found, {ref.id: ref.values.get("risk") for ref in session.state.entities["claim"].values()}


A, B, C = rule("a", "amount > 5"), rule("b", 'kind = "a" and amount > 2'), rule("c", "parent.amount > 7")
WARY = concluding("wary", "amount > 9", "high")
USUAL = concluding("usual", 'kind = "b"', "usual")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((A, B, C), (A, C)),
        ((A, C), (A, B, C)),
        ((A, B, C), (A, rule("b", 'kind = "b" and amount in [3..8]'), C)),
        ((A, B), (C, A, B)),
        ((A, WARY), (A, USUAL, WARY)),
        ((A, USUAL, WARY), (A, USUAL)),
        ((B,), (B, rule("d", "amount > 3 and parent.amount > amount"))),
    ],
)
def test_a_few_rules_changed_decide_as_all_compiled_anew(before, after):
    old = book(*before)
    was = decided(old)
    new = book(*after, before=old)
    assert shared(old, new) == {each.id for each in before} & {each.id for each in after if each in before}
    assert decided(new) == decided(book(*after))
    assert decided(old) == was


@pytest.mark.parametrize("seed", range(4))
def test_change_upon_change_decides_as_compiled_anew(seed):
    chance = random.Random(seed)
    rules = bands(120, seed)
    asked = events(60, rules, seed)
    rulebook = ours.rulebook(rules, propose=True)
    for step in range(8):
        at = chance.randrange(len(rules))
        other = Band(f"n{step}", rules[at].group, 0, 400, 100, 900)
        rules = [*rules[:at], *([other] if chance.random() < 0.6 else []), *rules[at + chance.randrange(2) :]]
        cold = ours.rulebook(rules, propose=True)
        rulebook = Rulebook(ours.MODEL, cold.rulesets, ours.SETTINGS, rulebook)
        assert rulebook.compilation.closed
        assert ours.proposing(rulebook, asked)() == ours.proposing(cold, asked)()


def test_a_session_goes_on_under_a_changed_rule():
    session = Session(book(A, B), HeldClock(datetime(2026, 1, 5, tzinfo=UTC)))
    session.apply(ChangeEvent(entity="claim", id="c", record="c", fields={"amount": Decimal(4), "kind": "b"}))
    eager = rule("a", "amount > 3", existing="propose")
    restored, made = Session.adopt(book(eager, B, before=session.rulebook), session.clock, remember(session))
    assert [(each.kind, each.key.rule) for each in made] == [("propose", "a")]
    assert restored.entity("claim:c") is not None


@pytest.mark.parametrize(
    "new",
    [
        rule("d", "sum(parts.amount) > 9"),
        rule("d", "count(parts[amount > 3]) > 1"),
        rule("d", "amount > 1", instead_of=("a",)),
    ],
)
def test_what_brings_more_than_itself_is_compiled_with_all(new):
    counting = rule("n", "count(parts) > 2")
    old = book(A, counting)
    before = [dict(node.outputs) for node in old.nodes if isinstance(node, Aggregated)]
    changed = book(A, counting, new, before=old)
    assert shared(old, changed) == set()
    assert decided(changed) == decided(book(A, counting, new))
    assert [dict(node.outputs) for node in old.nodes if isinstance(node, Aggregated)] == before


def test_a_rule_that_needs_what_it_sets_is_told_as_ever():
    old = book(A, WARY)
    with pytest.raises(ConfigError, match="need each other"):
        book(A, WARY, concluding("d", "listed > 0", "listed"), before=old)


def test_a_fault_in_the_changed_rule_is_told_as_ever():
    old = book(A, B)
    with pytest.raises(ConfigError, match="amuont"):
        book(A, B, rule("d", "amuont > 1"), before=old)


def test_many_changes_at_once_are_compiled_anew():
    rules = [rule(f"r{number}", f"amount > {number}") for number in range(100)]
    old = book(*rules)
    assert shared(old, book(*rules[70:], before=old)) == set()
    assert len(shared(old, book(*rules[:70], before=old))) == 70


def told(rulebook, count=30):
    session = Session(rulebook, HeldClock(datetime(2026, 3, 2, tzinfo=UTC)))
    for number in range(count):
        fields = {"amount": Decimal(number), "kind": "theft" if number % 2 else "fire"}
        session.apply(ChangeEvent(entity="claim", id=f"c{number:02}", record=f"a/claim/c{number:02}", fields=fields))
    return session


@pytest.mark.parametrize(
    ("after", "proposed", "withdrawn"),
    [
        ((rule("big", "amount > 25", existing="propose"), rule("theft", 'kind = "theft"')), 2, 0),
        ((rule("big", "amount > 28"), rule("theft", 'kind = "theft"')), 0, 1),
        ((rule("huge", "amount > 27", was="big"), rule("theft", 'kind = "theft"')), 0, 0),
        ((rule("theft", 'kind = "theft"'),), 0, 2),
        ((rule("big", "amount > 27"), rule("theft", 'kind = "theft"'), rule("parts", "parent.amount > 1")), 0, 0),
    ],
)
def test_a_session_goes_on_in_place_as_if_it_was_read_back(after, proposed, withdrawn):
    first = book(rule("big", "amount > 27"), rule("theft", 'kind = "theft"'))
    session = told(first)
    second = book(*after, before=first)
    other, same = Session.adopt(second, session.clock, remember(session))
    going, made = session.turn(second)
    assert going is session
    assert made == same
    assert going.snapshot() == other.snapshot()
    kinds = [each.kind for each in made]
    assert (kinds.count("propose"), kinds.count("withdraw")) == (proposed, withdrawn)


def test_a_session_is_read_back_when_its_rules_are_not_those_that_were_changed():
    first = book(rule("big", "amount > 27"))
    session, stranger = told(first), book(rule("big", "amount > 27"))
    going, _ = session.turn(book(rule("big", "amount > 28"), before=stranger))
    assert going is not session
    assert going.rulebook.acts[0].condition.when.text == "amount > 28"
