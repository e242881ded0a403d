"""Large tables look at the rows that can match, not at all of them."""

from decimal import Decimal

from engine.feel import Money
from tests.engine.tables.given import env, rows


def many(size=2000):
    return rows(
        "U", "[code, amount]", *(f'"c{number}" | [{number}..{number + 10}) -> {number}' for number in range(size))
    )


def test_one_equality_leaves_one_candidate():
    compiled = many()
    assert list(compiled.index.candidates(["c77", Decimal(80)])) == [77]
    assert compiled.evaluate({"code": "c77", "amount": Decimal(80)}, env()) == 77
    assert list(compiled.index.candidates(["nothing", Decimal(80)])) == []


def test_bands_are_found_by_bisection():
    compiled = rows("U", "[amount]", *(f"[{number}..{number + 1}) -> {number}" for number in range(2000)))
    assert list(compiled.index.candidates([Decimal("77.5")])) == [77]
    assert compiled.evaluate({"amount": Money(Decimal("77.5"), "EUR")}, env()) == 77


def test_rows_without_a_constant_stay_candidates():
    lines = [f'"c{number}" -> {number}' for number in range(30)]
    compiled = rows("R", "[code]", *lines, 'starts with(?, "c") -> 98', "- -> 99")
    assert list(compiled.index.candidates(["c3"])) == [3, 30, 31]
    assert compiled.evaluate({"code": "c3"}, env()) == [3, 98, 99]


def test_null_and_values_of_another_kind_are_looked_up_too():
    lines = [f'"c{number}" -> {number}' for number in range(30)]
    compiled = rows("R", "[{expression: code, type: Any}]", *lines, 'not("c1") -> 98', "null -> 99", "- -> 100")
    assert compiled.evaluate({"code": None}, env()) == [98, 99, 100]
    assert compiled.evaluate({"code": Decimal(5)}, env()) == [100]


def test_what_a_table_costs_counts_against_the_caller():
    surroundings = env()
    many(200).evaluate({"code": "c1", "amount": Decimal(1)}, surroundings)
    assert surroundings.steps >= surroundings.limits.steps - 5
