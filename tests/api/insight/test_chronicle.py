"""The chronicle counts what a look at every line counts, however lines were told and changed."""

from datetime import datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from api.insight.chronicle import KINDS, Chronicle
from api.insight.line import Line
from tests.api import sample

DAYS = st.integers(0, 20).map(lambda days: sample.NOW - timedelta(days=days))
MAYBE = st.none() | DAYS


def line(number: int, created: datetime, **moments: datetime | None) -> Line:
    return Line(
        id=f"A{number}", ruleset="collections", rule="first", action="remind", subject="customer:C1",
        root="customer:C1", operation="mail.send", consequence="low", state="pending", digest="", heading="",
        because="", recipient="", created_at=created, **moments,
    )  # fmt: skip


@given(
    st.lists(st.tuples(DAYS, MAYBE, MAYBE, MAYBE), max_size=12),
    st.lists(st.tuples(st.integers(0, 11), MAYBE, MAYBE, MAYBE), max_size=12),
    DAYS,
    DAYS,
)
def test_a_period_holds_the_lines_of_which_a_moment_lies_in_it(first, changes, one, other):
    lines = {f"A{n}": line(n, at, **dict(zip(KINDS, more, strict=True))) for n, (at, *more) in enumerate(first)}
    moments = Chronicle.of(lines.values())
    for number, *more in changes:
        before = lines.get(f"A{number}")
        if before is not None:
            lines[before.id] = msgspec.structs.replace(before, **dict(zip(KINDS, more, strict=True)))
            moments.put(lines[before.id], before)
    since, until = sorted((one, other))
    for happened in moments.rules().values():
        assert happened.created(since, until) == sum(since <= each.created_at < until for each in lines.values())
        for kind in KINDS:
            found = {each.id: each for each in happened.within(kind, since, until)}
            assert found == {
                each.id: each for each in lines.values() if getattr(each, kind) and since <= getattr(each, kind) < until
            }


def test_others_rulesets_are_left_out():
    lines = [line(1, sample.NOW), msgspec.structs.replace(line(2, sample.NOW), ruleset="quotes")]
    assert list(Chronicle.of(lines).only({"quotes"}).rules()) == [("quotes", "first")]
