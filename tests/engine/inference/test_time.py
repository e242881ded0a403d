"""Time is an input: every flip at its own instant, in the company's days, through daylight saving and months."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from engine.feel import Env
from engine.inference.settle import Settler
from engine.inference.state import Entity
from engine.source.problem import ConfigError
from tests.engine.inference.told import Told, invoice, rule, rulebook

BERLIN = ZoneInfo("Europe/Berlin")


def berlin(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BERLIN)  # type: ignore[misc,arg-type]


def test_the_day_begins_at_the_company_s_midnight() -> None:
    told = Told(rule("late", "invoice", "today() > due"), zone="Europe/Berlin", at=berlin(2026, 1, 5, 9))
    told.tell("invoice:i1", **invoice(due=date(2026, 1, 7)))
    assert told.wait(days=9) == ["propose late/go invoice:i1"]
    assert told.decisions[0].at == berlin(2026, 1, 8)


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        (date(2026, 3, 28), berlin(2026, 3, 30)),  # a day of 23 hours lies between
        (date(2026, 10, 24), berlin(2026, 10, 26)),  # a day of 25
    ],
)
def test_a_day_is_a_day_through_daylight_saving(due: date, expected: datetime) -> None:
    told = Told(
        rule("late", "invoice", 'today() - due >= duration("P2D")'),
        zone="Europe/Berlin",
        at=datetime.combine(due, time(9), BERLIN),
    )
    told.tell("invoice:i1", **invoice(due=due))
    told.wait(days=5)
    assert told.decisions[0].at == expected


def test_an_instant_and_a_duration_are_exact_through_daylight_saving() -> None:
    told = Told(
        rule("old", "invoice", 'now() >= seen + duration("P1D")'), zone="Europe/Berlin", at=berlin(2026, 3, 28, 12)
    )
    told.tell("invoice:i1", **invoice(seen=berlin(2026, 3, 28, 12)))
    told.wait(days=3)
    assert told.decisions[0].at == berlin(2026, 3, 29, 13)


def test_strictly_later_is_one_microsecond_later() -> None:
    told = Told(rule("old", "invoice", 'now() > seen + duration("PT1H")'))
    told.tell("invoice:i1", **invoice(seen=told.now))
    start = told.now
    told.wait(hours=2)
    assert told.decisions[0].at == start + timedelta(hours=1, microseconds=1)


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        (date(2026, 1, 31), date(2026, 2, 28)),
        (date(2026, 2, 28), date(2026, 3, 28)),
        (date(2024, 1, 31), date(2024, 2, 29)),
    ],
)
def test_a_month_later_is_the_last_day_of_a_shorter_month(due: date, expected: date) -> None:
    told = Told(
        rule("old", "invoice", 'today() >= due + duration("P1M")'),
        zone="Europe/Berlin",
        at=datetime.combine(due, time(9), BERLIN),
    )
    told.tell("invoice:i1", **invoice(due=due))
    told.wait(days=40)
    assert told.decisions[0].at == datetime.combine(expected, time(), BERLIN)


def test_a_window_slides_in_and_out() -> None:
    rules = rule(
        "paying", "customer", 'count(payments[paid_on >= today() - duration("P3D") and paid_on <= today()]) >= 2'
    )
    told = Told(rules)
    told.tell("customer:c1")
    for id, day in (("p1", 2), ("p2", 5)):
        told.tell(f"payment:{id}", customer="c1", paid_on=date(2026, 3, day), amount=Decimal(1))
    assert told.wait(days=10) == ["propose paying/go customer:c1", "withdraw paying/go customer:c1"]
    assert [each.at.date() for each in told.decisions] == [date(2026, 3, 5), date(2026, 3, 6)]


def test_many_flips_come_in_the_order_of_time() -> None:
    told = Told(rule("late", "invoice", "overdue > 3"))
    for n in range(5):
        told.tell(f"invoice:i{n}", **invoice(due=date(2026, 3, 20 - n)))
    told.wait(days=60)
    assert [each.key.subject for each in told.decisions] == [f"invoice:i{n}" for n in (4, 3, 2, 1, 0)]
    assert [each.at.day for each in told.decisions] == [20, 21, 22, 23, 24]


def test_a_midnight_inside_the_flips_of_an_event_at_that_midnight() -> None:
    told = Told(rule("late", "invoice", "today() > due"))
    told.tell("invoice:i1", **invoice(due=date(2026, 3, 2)))
    told.clock.set(datetime(2026, 3, 3, tzinfo=told.now.tzinfo))
    assert told.tell("invoice:i1", **invoice(due=date(2026, 3, 2), status="paid")) == ["propose late/go invoice:i1"]


def test_now_that_cannot_be_analysed_is_refused_with_what_to_write() -> None:
    with pytest.raises(ConfigError) as error:
        rulebook(rule("odd", "invoice", "string(now()) = status"))
    (problem,) = error.value.problems
    assert problem.code == "time-not-analysable"
    assert "now() >" in problem.hint
    assert problem.place is not None
    assert problem.place.file == "rules/shop/ruleset.yaml"


def test_today_that_cannot_be_analysed_is_looked_at_every_midnight_and_said_so() -> None:
    rules = rule("monday", "invoice", 'day of week(today()) = "Monday"')
    notes = [note for note in rulebook(rules).notes if note.place and note.place.file == "rules/shop/ruleset.yaml"]
    assert [note.code for note in notes] == ["daily"]
    told = Told(rules)
    told.tell("invoice:i1", **invoice())
    assert told.last
    made = told.wait(days=7)
    assert made == ["withdraw monday/go invoice:i1", "propose monday/go invoice:i1"]


# --- against brute force ------------------------------------------------------------------------------------------

CONDITIONS = (
    "today() > due", 'today() - due >= duration("P5D")', 'due + duration("P1M") <= today()', 'due <= today() + duration("P2M")',
    'today() - duration("P1M") >= due', "(today() - due).days in [3..9)", "overdue between 2 and 4",
    'not(today() > due) or today() - due > duration("P12D")', '2 * (today() - due) > duration("P9D")',
    'today() in [due..due + duration("P1M")]', 'if today() > due then today() - due < duration("P4D") else false',
    'today() >= due + duration("P1M") - duration("P3D")', 'today() - due > duration("P3D") + (date("2026-03-01") - due)',
)  # fmt: skip
MOMENTS = (
    'now() > seen + duration("PT30H")', 'now() - seen >= duration("P2D")', 'seen < now() - duration("PT36H")',
    'now() < seen + duration("P1M")', 'now() between seen and seen + duration("P3D")', 'not(now() - duration("P1M") > seen)',
)  # fmt: skip
ZONES = ("Europe/Istanbul", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC")


def world(when: str, zone: str, **fields: object) -> tuple[Settler, Entity, Told]:
    told = Told(rule("r", "invoice", when), zone=zone, at=datetime(2020, 1, 1, tzinfo=UTC))
    told.tell("invoice:i1", **invoice(**fields))
    entity = told.session.entity("invoice:i1")
    assert entity is not None
    return told.session.settler, entity, told


@settings(max_examples=200)
@example(when='due <= today() + duration("P2M")', zone="UTC", due=date(2026, 4, 30), start=-62)
@example(when='due <= today() + duration("P2M")', zone="UTC", due=date(2026, 4, 30), start=-61)
@given(
    when=some.sampled_from(CONDITIONS),
    zone=some.sampled_from(ZONES),
    due=some.dates(date(2026, 1, 1), date(2026, 12, 31)),
    start=some.integers(-45, 45),
)
def test_the_day_of_the_next_flip_is_never_missed(when: str, zone: str, due: date, start: int) -> None:
    settler, entity, told = world(when, zone, due=due)
    (compiled,) = (act.condition.when for act in told.session.rulebook.acts)
    tz = ZoneInfo(zone)
    day = due + timedelta(days=start)
    env = Env(datetime.combine(day, time(11), tz), tz)
    predicted = compiled.flips.next(entity, env)
    here = compiled.program.run(entity, env)
    for ahead in range(1, 80):
        later = datetime.combine(day + timedelta(days=ahead), time(0), tz)
        if compiled.program.run(entity, Env(later, tz)) != here:
            assert predicted is not None
            assert predicted <= later, f"{when} flips on {later}, woken only at {predicted}"
            return
        if predicted is not None and predicted <= later:
            predicted = compiled.flips.next(entity, Env(later, tz))
    del settler


@settings(max_examples=120)
@given(
    when=some.sampled_from(MOMENTS),
    zone=some.sampled_from(ZONES),
    seen=some.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=some.just(UTC)),  # noqa: DTZ001  (hypothesis adds it)
    offset=some.integers(-40 * 24, 40 * 24),
)
def test_the_instant_of_the_next_flip_is_exact(when: str, zone: str, seen: datetime, offset: int) -> None:
    _, entity, told = world(when, zone, seen=seen)
    (compiled,) = (act.condition.when for act in told.session.rulebook.acts)
    tz = ZoneInfo(zone)

    def truth(moment: datetime) -> object:
        return compiled.program.run(entity, Env(moment, tz))

    at = (seen + timedelta(hours=offset)).astimezone(tz)
    for _ in range(60):
        upcoming = compiled.flips.next(entity, Env(at, tz))
        end = upcoming if upcoming is not None else at + timedelta(days=90)
        step = max((end - at) / 50, timedelta(minutes=1))
        probe = at
        while (probe := (probe.astimezone(UTC) + step).astimezone(tz)) < end:
            assert truth(probe) == truth(at), f"{when} is different at {probe}, woken only at {upcoming}"
        if upcoming is None:
            return
        assert truth((end.astimezone(UTC) - timedelta(microseconds=1)).astimezone(tz)) == truth(at)
        at = end


@settings(max_examples=150)
@given(
    when=some.sampled_from((*CONDITIONS, *MOMENTS)),
    zone=some.sampled_from(ZONES),
    due=some.dates(date(2026, 1, 1), date(2026, 12, 31)),
    start=some.integers(-45, 45),
)
def test_since_the_last_flip_nothing_has_flipped(when: str, zone: str, due: date, start: int) -> None:
    tz = ZoneInfo(zone)
    _, entity, told = world(when, zone, due=due, seen=datetime.combine(due, time(7, 13), UTC))
    (compiled,) = (act.condition.when for act in told.session.rulebook.acts)
    now = datetime.combine(due + timedelta(days=start), time(11), tz).astimezone(UTC)
    flipped = compiled.flips.last(entity, Env(now.astimezone(tz), tz))
    last = now - timedelta(days=60) if flipped is None else flipped.astimezone(UTC)
    assert last <= now
    probe, here = now, compiled.program.run(entity, Env(now.astimezone(tz), tz))
    while (probe := max(probe - timedelta(hours=1), last)) > last:
        assert compiled.program.run(entity, Env(probe.astimezone(tz), tz)) == here, f"{when} flipped after {last}"
        if now - probe > timedelta(days=60):
            return
    assert compiled.program.run(entity, Env(last.astimezone(tz), tz)) == here, f"{when} flipped after {last}"


def test_the_last_flip_is_told_where_there_was_one() -> None:
    _, entity, told = world("today() > due", "UTC", due=date(2026, 3, 10))
    (compiled,) = (act.condition.when for act in told.session.rulebook.acts)

    def last(moment: datetime) -> datetime | None:
        return compiled.flips.last(entity, Env(moment, UTC))

    assert last(datetime(2026, 3, 20, 9, tzinfo=UTC)) == datetime(2026, 3, 11, tzinfo=UTC)
    assert last(datetime(2026, 3, 9, 9, tzinfo=UTC)) is None


def test_the_last_flip_is_told_over_the_night_on_which_clocks_change() -> None:
    seen = datetime(2026, 3, 25, 7, 13, tzinfo=UTC)
    _, entity, told = world('now() - seen >= duration("P3D")', "Europe/Berlin", seen=seen)
    (compiled,) = (act.condition.when for act in told.session.rulebook.acts)
    tz = ZoneInfo("Europe/Berlin")
    for now in (datetime(2026, 3, 28, 9, tzinfo=tz), datetime(2026, 3, 30, 9, tzinfo=tz)):
        flipped = compiled.flips.last(entity, Env(now, tz))
        assert flipped is not None
        assert timedelta() <= flipped.astimezone(UTC) - (seen + timedelta(days=3)) <= timedelta(microseconds=1)


@pytest.mark.parametrize("when", ['due + duration("P1M") <= today()', "business days between(due, today()) > 3"])
def test_where_the_last_flip_is_unknown_nothing_has_flipped_since_midnight(when: str) -> None:
    _, entity, told = world(when, "Europe/Istanbul", due=date(2026, 3, 10))
    (compiled,) = (act.condition.when for act in told.session.rulebook.acts)
    tz = ZoneInfo("Europe/Istanbul")
    now = datetime(2026, 4, 20, 9, tzinfo=tz)
    assert compiled.flips.last(entity, Env(now, tz)) == datetime(2026, 4, 20, tzinfo=tz)
