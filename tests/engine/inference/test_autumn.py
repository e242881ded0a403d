"""The hour that the clocks show twice: the engine goes by instants, not by the clock's face."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tests.engine.inference.told import Told, invoice, rule

BERLIN = ZoneInfo("Europe/Berlin")


def utc(hour: int, minute: int) -> datetime:
    """A time of 25 October 2026; the clocks in Berlin go from 3:00 back to 2:00 at one o'clock in UTC."""
    return datetime(2026, 10, 25, hour, minute, tzinfo=UTC)


def berlin(hour: int, minute: int) -> datetime:
    return utc(hour, minute).astimezone(BERLIN)


def test_a_flip_in_the_second_hour_comes_at_its_instant_and_does_not_hang() -> None:
    told = Told(rule("old", "invoice", 'now() >= seen + duration("PT1H")'), zone="Europe/Berlin", at=berlin(0, 10))
    told.tell("invoice:i1", **invoice(seen=berlin(0, 20)))
    assert told.until(berlin(0, 50)) == []
    assert told.until(berlin(1, 19)) == []
    assert told.until(berlin(1, 30)) == ["propose old/go invoice:i1"]
    assert told.decisions[0].at.astimezone(UTC) == utc(1, 20)


def test_time_goes_on_when_the_clocks_go_back() -> None:
    told = Told(rule("big", "invoice", "amount > 50", valid_for="PT1H"), zone="Europe/Berlin", at=berlin(0, 40))
    told.tell("invoice:i1", **invoice())
    told.clock.set(berlin(1, 10))
    assert told.tell("invoice:i2", **invoice()) == ["propose big/go invoice:i2"]
    assert told.decisions[-1].at.astimezone(UTC) == utc(1, 10)
    assert told.until(berlin(1, 39)) == []
    assert told.until(berlin(2, 15)) == ["expire big/go invoice:i1", "expire big/go invoice:i2"]


def test_a_month_is_counted_in_the_company_s_calendar() -> None:
    told = Told(
        rule("big", "invoice", "amount > 50", valid_for="P1M"),
        zone="Europe/Berlin",
        at=datetime(2026, 10, 10, 0, 30, tzinfo=BERLIN),
    )
    told.tell("invoice:i1", **invoice())
    assert told.decisions[0].valid_until == datetime(2026, 11, 10, 0, 30, tzinfo=BERLIN)
