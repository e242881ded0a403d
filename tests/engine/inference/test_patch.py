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
        assert rulebook.change is not None
        assert ours.proposing(rulebook, asked)() == ours.proposing(cold, asked)()


def test_a_session_goes_on_under_a_changed_rule():
    session = Session(book(A, B), HeldClock(datetime(2026, 1, 5, tzinfo=UTC)))
    session.apply(ChangeEvent(entity="claim", id="c", record="c", fields={"amount": Decimal(4), "kind": "b"}))
    eager = rule("a", "amount > 3", existing="propose")
    restored, made = Session.adopt(book(eager, B, before=session.rulebook), session.clock, remember(session))
    assert [(each.kind, each.key.rule) for each in made] == [("propose", "a")]
    assert restored.entity("claim:c") is not None


COUNTING = rule("n", "count(parts) > 2")
LARGE, SMALL = rule("large", "amount > 8", instead_of=("small",)), rule("small", "amount > 3")
LEAST = rule("least", "amount > 0")
OVER = rule("small", "amount > 3", instead_of=("least",))
GROUPED = Rule(
    id="grouped", for_="claim", when=Expression("amount > 5"),
    do=(ActionSpec(id="act", operation="desk.note", group="notes"),),
)  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "stay"),
    [
        ((A, SMALL), (A, SMALL, LARGE), {"a"}),
        ((A, SMALL, LARGE), (A, SMALL), {"a"}),
        ((A, SMALL, LARGE), (A, rule("small", "amount > 2"), LARGE), {"a", "large"}),
        ((A, SMALL, LARGE), (A, SMALL, rule("large", "amount > 7", instead_of=("small",))), {"a"}),
        ((A, SMALL, LARGE), (A, SMALL, rule("large", "amount > 8")), {"a"}),
        ((A, LEAST, OVER, LARGE), (A, LEAST, OVER, rule("large", "amount > 9", instead_of=("small",))), {"a"}),
        ((A, GROUPED), (A,), {"a"}),
        ((A,), (A, GROUPED), {"a"}),
        ((A, COUNTING), (A, COUNTING, rule("d", "sum(parts.amount) > 9")), {"a", "n"}),
        ((A, COUNTING), (A, COUNTING, rule("d", "count(parts[amount > 3]) > 1")), {"a", "n"}),
        ((A, COUNTING), (A, COUNTING, rule("d", "count(parts[count(parts) > 1]) > 0")), {"a", "n"}),
        (
            (A, rule("n", "sum(parts.amount) > 4")),
            (A, rule("n", "max(parts.amount) > 4 and sum(parts.amount) > 9")),
            {"a"},
        ),
        ((A, COUNTING), (A, rule("n", "parent.amount > 1 and count(parent.parts[amount > 2]) > 1")), {"a"}),
    ],
)
def test_a_rule_is_changed_in_place_with_what_it_counts_and_the_rules_it_stands_instead_of(before, after, stay):
    old = book(*before)
    was = decided(old)
    counted = [dict(node.outputs) for node in old.nodes if isinstance(node, Aggregated)]
    new = book(*after, before=old)
    assert shared(old, new) == stay
    assert decided(new) == decided(book(*after))
    assert decided(old) == was
    assert [dict(node.outputs) for node in old.nodes if isinstance(node, Aggregated)] == counted
    session = told(old)
    other, same = Session.adopt(new, session.clock, remember(session))
    going, made = session.turn(new)
    assert going is session
    assert made == same
    assert going.snapshot() == other.snapshot()


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
        fields = {"amount": Decimal(number), "kind": "theft" if number % 2 else "fire", "parent": f"c{number // 3:02}"}
        session.apply(ChangeEvent(entity="claim", id=f"c{number:02}", record=f"a/claim/c{number:02}", fields=fields))
    return session


def test_a_quarter_of_many_rules_is_changed_in_place():
    rules = [rule(f"r{number}", f"amount > {number / 10}", existing="propose") for number in range(300)]
    first = book(*rules)
    session = told(first, 40)
    stricter = [rule(f"r{number}", f"amount > {number / 10 + 1}") for number in range(70)]
    second = book(*stricter, *rules[70:], before=first)
    other, same = Session.adopt(second, session.clock, remember(session))
    going, made = session.turn(second)
    assert going is session
    assert made == same
    assert len(made) == 70
    assert going.snapshot() == other.snapshot()


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


def test_each_function_over_the_same_items_is_told_by_its_own_name():
    session = Session(
        book(rule("n", "max(parts.amount) > 4 and sum(parts.amount) > 9")), HeldClock(datetime(2026, 1, 5, tzinfo=UTC))
    )
    for id, parent in (("c0", None), ("c1", "c0"), ("c2", "c0")):
        made = session.apply(
            ChangeEvent(entity="claim", id=id, record=id, fields={"amount": Decimal(5), "parent": parent})
        )
    found = {each.text: each.value for each in made[0].proof.reasons}
    assert found == {"max(parts.amount)": Decimal(5), "sum(parts.amount)": Decimal(10)}
