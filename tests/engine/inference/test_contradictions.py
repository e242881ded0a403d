"""What `check` finds in rules that compile: only what is proven."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.events import ChangeEvent
from engine.inference.clock import HeldClock
from engine.inference.contradictions import TRIED_AT
from engine.inference.nodes import Condition
from engine.inference.session import Session
from engine.source.problem import Problem
from tests.engine.inference.told import concludes, rule, rulebook

MODEL = """
format: 1
entities:
  thing:
    fields:
      n: number
      m: number
      flag: boolean
      kind: {type: text, values: [a, b, c]}
      word: text
      day: date
      cost: {type: money, currency: EUR}
      stale: {type: number, max_age: P1D}
      parent: {ref: thing, inverse: children}
      double: {type: number, derived: n * 2}
      label: {type: text, concluded: unique}
      score: {type: number, concluded: max}
"""


def found(rules: str) -> list[Problem]:
    return [each for each in rulebook(rules, model=MODEL).notes if each.code != "daily"]


def codes(rules: str) -> list[str]:
    return [each.code for each in found(rules)]


def only(when: str) -> list[str]:
    return codes(rule("r", "thing", when))


@pytest.mark.parametrize(
    ("when", "named"),
    [
        ("n > 10 and flag and n < 5", "`n > 10` and `n < 5` exclude each other"),
        ('word = "x" and word = "y"', '`word = "x"` and `word = "y"` exclude each other'),
        ('kind in ("a", "b") and kind in ("c")', "exclude each other"),
        ("n between 1 and 3 and n in (4..9]", "exclude each other"),
        ("n = null and n > 3", "`n = null` and `n > 3` exclude each other"),
        ("flag and not(flag)", "`flag` and `not(flag)` exclude each other"),
        ('day > date("2026-01-01") and day < @"2026-01-02"', "exclude each other"),
        ('today() > day + duration("P21D") and today() < day + duration("P7D")', "exclude each other"),
        ("n > m and m > n", "`n > m` and `m > n` exclude each other"),
        ("cost > 100 and cost <= 100", "exclude each other"),
        ("count(children) > 3 and count(children) < 2", "exclude each other"),
        ("parent.n > 3 and parent.n < 2", "exclude each other"),
        ("n >= 1 and n <= 1 and n != 1", "exclude each other"),
        ("false", "`false` is never true"),
        ("(n > 5 or n < 2) and n = 3", "exclude each other"),
        ("n < 5 and not(n < 5 or flag)", "exclude each other"),
    ],
)
def test_a_rule_that_can_never_fire_names_what_excludes_what(when: str, named: str) -> None:
    (problem,) = found(rule("r", "thing", when))
    assert problem.code == "never-fires"
    assert problem.level == "warning"
    assert named in problem.message
    assert problem.hint
    assert problem.place is not None
    assert problem.place.line == 6


def test_let_names_are_looked_through() -> None:
    text = rule("r", "thing", "big and n < 5").replace("    when:", "    let:\n      big: n > 10\n    when:")
    assert codes(text) == ["never-fires"]


@pytest.mark.parametrize(
    "when",
    [
        "n > 5 and n < 10",
        "n > 5 or n < 3",
        "n > 5 or n <= 5",  # null is neither
        "n >= 5 and n <= 5",
        'word != "x" and word != "y"',
        "n != 1 and n = null",
        'day > date("2026-01-01") and day < @"2026-01-03"',
        'today() > day + duration("P7D") and today() < day + duration("P21D")',
        "n > m and m > n - 1",
        "flag or not(flag)",
        "stale = null or stale != null",  # unresolved once it is too old
        "parent = null or parent != null",  # may dangle
        "count(children) >= 0",
        "n > 5 and double < 3",  # beyond the fragment
    ],
)
def test_nothing_is_said_of_what_is_not_proven(when: str) -> None:
    assert only(when) == []


@pytest.mark.parametrize("when", ["true", 'word = "x" or word != "x"', "n = null or n > 3 or n <= 3"])
def test_a_rule_that_always_fires(when: str) -> None:
    assert only(when) == ["always-fires"]


def test_a_while_that_can_never_hold() -> None:
    (problem,) = found(rule("r", "thing", "flag", while_="n > 3 and n < 2"))
    assert problem.code == "never-fires"
    assert "`while` of shop/r/go" in problem.message


def test_two_values_for_one_field_come_with_an_example() -> None:
    one = concludes("one", "thing", 'n > 5 and kind = "a"', "label", '"x"')
    two = concludes("two", "thing", 'n < 8 and today() > day + duration("P3D")', "label", '"y"')
    (problem,) = found(one + two)
    assert problem.code == "conflicting-conclusions"
    assert 'set `label` to "x" and "y"' in problem.message
    assert "for example with day = 2025-12-28, kind = a, n = 6.5" in problem.message


@pytest.mark.parametrize(
    ("one", "two", "field"),
    [
        (("n > 5", '"x"'), ("n <= 5", '"y"'), "label"),
        (("n > 5", '"x"'), ("n > 3", '"x"'), "label"),
        (("n > 5", "word"), ("n > 3", '"x"'), "label"),
        (("n > 5", "1"), ("n > 3", "2"), "score"),
    ],
)
def test_values_that_never_meet_are_no_conflict(one: tuple[str, str], two: tuple[str, str], field: str) -> None:
    rules = concludes("one", "thing", one[0], field, one[1]) + concludes("two", "thing", two[0], field, two[1])
    assert codes(rules) == []


COMPUTED = MODEL.replace(
    "      parent: {ref",
    "      age: {type: number, derived: (today() - day).days}\n"
    "      size: {type: number, derived: count(children)}\n"
    "      worth: {type: money, currency: EUR, derived: sum(children.cost)}\n"
    "      parent: {ref",
)


@pytest.mark.parametrize(
    ("one", "two", "example"),
    [
        ("age > 30", "age > 60", "age = 61"),
        ('worth > 1000 and kind = "a"', "worth > 500", "kind = a, worth = 1001"),
        ('parent.kind = "a"', "parent.n > 3", "parent.kind = a, parent.n = 4"),
        ("count(children) > 3", "n > 1", "count(children) = 4, n = 2"),
        ("double > 3", "not(flag)", "double = 4, flag = no"),
    ],
)
def test_a_conflict_over_what_is_computed_shows_values_that_make_both_true(one: str, two: str, example: str) -> None:
    rules = concludes("one", "thing", one, "label", '"x"') + concludes("two", "thing", two, "label", '"y"')
    (problem,) = [each for each in rulebook(rules, model=COMPUTED).notes if each.code != "daily"]
    assert problem.code == "conflicting-conclusions"
    assert f"for example with {example}; the first" in problem.message


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("age > 30", "age < 10"),
        ("double > 3", "n < 0"),
        ("size > 3", "worth > 10"),
        ("count(children) > 3", "size < 2"),
        ("score > 3", "worth > 10"),
        ('parent.kind = "a"', 'parent.kind = "b"'),
    ],
)
def test_of_what_follows_from_one_field_no_conflict_is_made_up(one: str, two: str) -> None:
    rules = concludes("one", "thing", one, "label", '"x"') + concludes("two", "thing", two, "label", '"y"')
    assert [each for each in rulebook(rules, model=COMPUTED).notes if each.code != "daily"] == []


def test_a_proposal_that_is_always_replaced() -> None:
    weaker = rule("late", "thing", 'today() > day + duration("P21D") and n > 3')
    stronger = rule("later", "thing", 'today() > day + duration("P7D")', instead_of="[late]")
    (problem,) = found(weaker + stronger)
    assert problem.code == "always-replaced"
    assert "shop/late" in problem.message


def test_a_stronger_rule_that_may_be_null_or_unresolved_replaces_only_sometimes() -> None:
    weaker = rule("late", "thing", 'today() > day + duration("P7D")')
    assert codes(weaker + rule("later", "thing", 'today() > day + duration("P21D")', instead_of="[late]")) == []
    reads_more = rule("later", "thing", 'today() > day + duration("P7D") or parent.n > 3', instead_of="[late]")
    assert codes(weaker + reads_more) == []


def test_the_same_condition_twice() -> None:
    assert codes(rule("a", "thing", "flag and n > 3") + rule("b", "thing", "n > 3 and flag")) == ["duplicate-condition"]
    assert codes(rule("a", "thing", "flag and n > 3") + rule("b", "thing", "n > 4 and flag")) == []


# --- properties ----------------------------------------------------------------------------------------------------

NUMBERS = st.integers(-2, 4)
LEAVES = st.one_of(
    st.builds(
        "{} {} {}".format, st.sampled_from(["n", "m"]), st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), NUMBERS
    ),
    st.builds("{} {} {}".format, st.just("n"), st.sampled_from(["<", "<=", ">", "=", "!="]), st.just("m")),
    st.builds("n > m + {}".format, NUMBERS),
    st.builds("n between {} and {}".format, NUMBERS, NUMBERS),
    st.builds("n in ({}, > {})".format, NUMBERS, NUMBERS),
    st.builds('kind {} "{}"'.format, st.sampled_from(["=", "!="]), st.sampled_from("abc")),
    st.builds('kind in ("{}", "{}")'.format, st.sampled_from("abc"), st.sampled_from("abc")),
    st.sampled_from(["flag", "flag = false", "flag != true", "n = null", "m != null", "kind = null"]),
    st.builds('today() {} day + duration("P{}D")'.format, st.sampled_from(["<", ">=", "=", "!="]), st.integers(0, 3)),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' and '.join(parts)})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' or '.join(parts)})"),
        inner.map(lambda part: f"not({part})"),
    ),
    max_leaves=5,
)


def subjects() -> st.SearchStrategy[dict[str, object]]:
    from datetime import date, timedelta
    from decimal import Decimal

    number = st.one_of(st.none(), st.integers(-3, 5).map(Decimal), st.just(Decimal("0.5")))
    return st.fixed_dictionaries(
        {
            "n": number,
            "m": number,
            "flag": st.sampled_from([None, True, False]),
            "kind": st.sampled_from([None, "a", "b", "c"]),
            "day": st.one_of(st.none(), st.integers(-2, 5).map(lambda days: date(2026, 1, 1) - timedelta(days=days))),
        }
    )


def truths(session: Session, fields: dict[str, object]) -> list[object]:
    session.apply(ChangeEvent(entity="thing", id="t", record="erp/thing/t", fields=fields))
    entity = session.entity("thing:t")
    assert entity is not None
    nodes = [node for node in session.rulebook.nodes if isinstance(node, Condition)]
    return [entity.truths.get(node.index, False) for node in nodes]


@settings(max_examples=150)
@given(CONDITIONS, st.lists(subjects(), min_size=30, max_size=30))
def test_never_means_of_no_subject_and_always_of_every(when: str, things: list[dict[str, object]]) -> None:
    book = rulebook(concludes("r", "thing", when, "score", "1"), model=MODEL)
    said = {each.code for each in book.notes}
    session = Session(book, HeldClock(TRIED_AT))
    if "never-fires" in said:
        assert not any(truths(session, each)[0] is True for each in things)
    if "always-fires" in said:
        assert all(truths(session, each)[0] is True for each in things)


@settings(max_examples=150)
@given(CONDITIONS, CONDITIONS, st.lists(subjects(), min_size=30, max_size=30))
def test_replaced_means_that_the_stronger_holds_wherever_the_weaker_does(
    weaker: str, stronger: str, things: list[dict[str, object]]
) -> None:
    book = rulebook(rule("w", "thing", weaker) + rule("s", "thing", stronger, instead_of="[w]"), model=MODEL)
    if "always-replaced" in {each.code for each in book.notes}:
        session = Session(book, HeldClock(TRIED_AT))
        assert all(held[0] is not True or held[1] is True for held in (truths(session, each) for each in things))


@settings(max_examples=100)
@given(CONDITIONS, CONDITIONS)
def test_the_example_of_a_conflict_leaves_the_field_unresolved(one: str, two: str) -> None:
    book = rulebook(
        concludes("a", "thing", one, "label", '"x"') + concludes("b", "thing", two, "label", '"y"'), model=MODEL
    )
    for problem in (each for each in book.notes if each.code == "conflicting-conclusions"):
        session = Session(book, HeldClock(TRIED_AT))
        assert truths(session, example_of(problem)) == [True, True]


def example_of(problem: Problem) -> dict[str, object]:
    """Read the example back from the message."""
    from datetime import date
    from decimal import Decimal

    said = problem.message.partition("for example with ")[2].partition("; the first")[0]
    pairs = dict(part.split(" = ") for part in said.split(", ") if " = " in part)
    read = {"flag": lambda text: text == "yes", "kind": str, "day": date.fromisoformat}
    return {name: read.get(name, Decimal)(text) for name, text in pairs.items()}
