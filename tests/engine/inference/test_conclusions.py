"""How conclusions meet, stand and fall."""

from decimal import Decimal

import pytest

from engine.source.problem import ConfigError
from tests.engine.inference.told import MODEL, Told, concludes, euro, invoice, lira, rule, rulebook


def test_a_conclusion_stands_while_one_of_its_reasons_stands() -> None:
    told = Told(
        concludes("a", "customer", "vip", "risk", '"high"')
        + concludes("b", "customer", 'segment = "key"', "risk", '"high"')
    )
    told.tell("customer:c1", vip=True, segment="key")
    assert told.fact("customer:c1.risk") == "high"
    told.tell("customer:c1", vip=False, segment="key")
    assert told.fact("customer:c1.risk") == "high"
    told.tell("customer:c1", vip=False, segment="retail")
    assert told.fact("customer:c1.risk") == "low"


def test_different_values_of_a_unique_field_leave_it_unresolved() -> None:
    told = Told(
        concludes("a", "customer", "vip", "risk", '"high"')
        + concludes("b", "customer", 'segment = "key"', "risk", '"none"')
        + rule("alarm", "customer", 'risk != "low"')
    )
    assert told.tell("customer:c1", vip=True, segment="key") == []
    assert told.fact("customer:c1.risk") == "unresolved"
    assert told.truth("alarm", "customer:c1") == "unresolved"
    assert told.tell("customer:c1", vip=True, segment="retail") == ["propose alarm/go customer:c1"]


@pytest.mark.parametrize(("field", "expected"), [("score", 7), ("floor", 2)])
def test_the_largest_and_the_smallest_value_win(field: str, expected: int) -> None:
    told = Told("".join(concludes(f"r{value}", "customer", "true", field, str(value)) for value in (2, 7, 5)))
    told.tell("customer:c1")
    assert told.fact(f"customer:c1.{field}") == expected


def test_a_null_conclusion_leaves_max_to_the_others() -> None:
    told = Told(concludes("a", "customer", "true", "score", "null") + concludes("b", "customer", "vip", "score", "3"))
    told.tell("customer:c1", vip=False)
    assert told.fact("customer:c1.score") is None
    told.tell("customer:c1", vip=True)
    assert told.fact("customer:c1.score") == 3


def test_a_null_conclusion_falls_with_its_reason() -> None:
    told = Told(concludes("a", "customer", "vip", "risk", "name"))
    told.tell("customer:c1", vip=True)
    assert told.fact("customer:c1.risk") is None
    told.tell("customer:c1", vip=False)
    assert told.fact("customer:c1.risk") == "low"


def test_collected_values_come_in_the_order_of_the_rules_names_each_once() -> None:
    told = Told(
        "".join(
            concludes(id, "customer", "true", "tags", value) for id, value in (("b", '"x"'), ("a", '"y"'), ("c", '"y"'))
        )
    )
    told.tell("customer:c1")
    assert told.fact("customer:c1.tags") == ["y", "x"]


def test_the_highest_priority_wins_and_equals_contradict() -> None:
    told = Told(
        concludes("a", "customer", "true", "tier", '"basic"')
        + concludes("b", "customer", "vip", "tier", '"gold"', 5)
        + concludes("c", "customer", 'segment = "key"', "tier", '"silver"', 5)
    )
    told.tell("customer:c1", vip=True, segment="x")
    assert told.fact("customer:c1.tier") == "gold"
    told.tell("customer:c1", vip=True, segment="key")
    assert told.fact("customer:c1.tier") == "unresolved"
    told.tell("customer:c1", vip=False, segment="x")
    assert told.fact("customer:c1.tier") == "basic"


def test_conclusions_in_two_currencies_have_no_largest() -> None:
    told = Told(
        concludes("a", "customer", "true", "ceiling", 'min(invoices[status = "a"].worth)')
        + concludes("b", "customer", "true", "ceiling", 'min(invoices[status = "b"].worth)')
    )
    told.tell("customer:c1")
    told.tell("invoice:i1", **invoice(status="a", worth=lira(5)))
    told.tell("invoice:i2", **invoice(status="b", worth=lira(9)))
    assert told.fact("customer:c1.ceiling") == lira(9)
    told.tell("invoice:i2", **invoice(status="b", worth=euro(9)))
    assert told.fact("customer:c1.ceiling") == "faulty"


NOTES = MODEL.replace(
    "      due: date\n",
    "      due: date\n      note: {type: any, concluded: unique}\n      notes: {type: any, concluded: collect}\n",
)


@pytest.mark.parametrize(
    ("value", "held"),
    [
        ('if status = "open" then customer else status', "the customer c1"),
        ('if status = "open" then customer.invoices else status', "the invoice i1"),
        ('if status = "open" then {a: [1, {of: customer}]} else status', "the customer c1"),
        ('if status = "open" then (> customer) else status', "the customer c1"),
        ('if status = "open" then (function(x) x) else status', "a function"),
    ],
)
@pytest.mark.parametrize("field", ["note", "notes"])
def test_an_entity_is_no_value_to_conclude(field: str, value: str, held: str) -> None:
    told = Told(concludes("a", "invoice", "true", field, value) + rule("b", "invoice", f"{field} != null"), model=NOTES)
    told.tell("customer:c1")
    assert told.tell("invoice:i1", **invoice()) == []
    for _ in range(2):
        assert told.fact(f"invoice:i1.{field}") == "faulty"
        assert told.truth("b", "invoice:i1") == "faulty"
        found = told.session.entity("invoice:i1")
        assert found is not None
        assert found.values[field].reason.startswith(
            f"rule shop/a sets {field} of invoice:i1 to {held}, which is no value (rules/shop/ruleset.yaml:9:"
        )
        told.restore()
    assert told.tell("invoice:i1", **invoice(status="paid")) == ["propose b/go invoice:i1"]
    told.restore()
    assert told.fact(f"invoice:i1.{field}") == ("paid" if field == "note" else ["paid"])
    assert told.tell("invoice:i1", **invoice()) == []
    assert told.fact(f"invoice:i1.{field}") == "faulty"


def test_conclusions_feed_conclusions() -> None:
    told = Told(
        concludes("a", "customer", "vip", "score", "1")
        + concludes("b", "customer", "score = 1", "risk", '"high"')
        + rule("c", "customer", 'risk = "high"')
    )
    assert told.tell("customer:c1", vip=True) == ["propose c/go customer:c1"]
    assert told.tell("customer:c1", vip=False) == ["withdraw c/go customer:c1"]


def test_a_loop_is_printed_as_a_path_with_file_and_line() -> None:
    with pytest.raises(ConfigError) as error:
        rulebook(
            concludes("a", "customer", "score > 1", "risk", '"high"')
            + concludes("b", "customer", 'risk = "high"', "score", "2")
        )
    (problem,) = error.value.problems
    assert problem.code == "loop"
    assert [line.strip() for line in problem.message.splitlines()[1:]] == [
        "rules/shop/ruleset.yaml:9:14: rule shop/a sets customer.risk",
        "rules/shop/ruleset.yaml:6:7: rule shop/a reads customer.score",
        "rules/shop/ruleset.yaml:16:15: rule shop/b sets customer.score",
        "rules/shop/ruleset.yaml:13:7: rule shop/b reads customer.risk",
    ]
    assert str(problem.place) == "rules/shop/ruleset.yaml:9:14"


def test_a_loop_over_a_collection_names_what_is_written_and_nothing_else() -> None:
    model = MODEL.replace("      due: date\n", "      due: date\n      bad: {type: number, concluded: max}\n")
    with pytest.raises(ConfigError) as error:
        rulebook(
            concludes("a", "invoice", 'customer.tier = "x"', "bad", "1")
            + concludes("b", "customer", "some i in invoices satisfies i.bad > 0", "tier", '"x"'),
            model=model,
        )
    (problem,) = error.value.problems
    assert [line.partition(": ")[2] for line in problem.message.splitlines()[1:]] == [
        "rule shop/b sets customer.tier",
        "rule shop/b reads invoice.bad in `some of invoices satisfies bad > 0`",
        "rule shop/a sets invoice.bad",
        "rule shop/a reads customer.tier",
    ]


def test_rules_recur_over_an_acyclic_reference() -> None:
    told = Told(rule("deep", "group", "depth > 1"))
    told.tell("group:g1", size=Decimal(1))
    told.tell("group:g3", size=Decimal(4), parent="g2")
    assert told.tell("group:g2", size=Decimal(2), parent="g1") == ["propose deep/go group:g3"]
    assert told.fact("group:g1.total") == 7


def test_a_circle_in_data_waits_and_does_not_hang() -> None:
    told = Told(rule("deep", "group", "depth > 1"))
    for id, parent in (("g1", "g3"), ("g2", "g1"), ("g3", "g2"), ("g4", "g1")):
        assert told.tell(f"group:{id}", size=Decimal(1), parent=parent) == []
    assert {told.fact(f"group:g{n}.depth") for n in (1, 2, 3, 4)} == {"unresolved"}
    assert told.fact("group:g1.total") == "unresolved"
    told.restore()
    assert told.tell("group:g1", size=Decimal(1), parent=None) == ["propose deep/go group:g3"]
    assert told.fact("group:g1.total") == 4


def test_a_group_that_is_its_own_parent_waits() -> None:
    told = Told(rule("deep", "group", "depth > 1"))
    told.tell("group:g1", size=Decimal(1), parent="g1")
    assert told.fact("group:g1.depth") == "unresolved"
    assert told.fact("group:g1.total") == "unresolved"


def test_without_the_declaration_recursion_is_a_loop() -> None:
    with pytest.raises(ConfigError, match="need each other"):
        rulebook(rule("deep", "group", "depth > 1"), model=MODEL.replace(", acyclic: true", ""))
