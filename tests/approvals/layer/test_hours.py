"""A letter waits for the recipient's morning; a task does not."""

import pytest

from approvals.results import Decided
from tests.approvals.layer.company import MODEL, POLICIES, Company

HOURS = POLICIES.replace(
    "letters: {approval: always,", 'letters: {approval: always, hours: {from: "09:00", to: "17:00", zone: city},'
)


@pytest.mark.parametrize("files", [{"policies": HOURS}])
async def test_a_letter_is_sent_in_the_recipients_hours(company: Company):
    await company.tell(status="due", city="America/New_York")  # it is 03:00 there, and 11:00 at the company's
    waiting = await company.only("due")
    assert isinstance(await company.decide(waiting, "approve"), Decided)
    await company.rest()
    held = await company.only("due")
    assert (held.state, held.history[-1].reason) == ("scheduled", "outside the recipient's business hours")
    assert held.not_before is not None
    assert held.not_before.isoformat() == "2026-01-05T14:00:00+00:00"
    assert company.box.mails == []
    company.advance(hours=6)
    await company.rest()
    assert len(company.box.mails) == 1


@pytest.mark.parametrize("files", [{"policies": HOURS}])
@pytest.mark.parametrize("zone", ["", "Nowhere/At_All", "../etc"])
async def test_a_zone_that_is_none_is_the_companys(company: Company, zone):
    await company.tell(status="due", city=zone)
    await company.decide(await company.only("due"), "approve")
    await company.rest()
    assert len(company.box.mails) == 1


@pytest.mark.parametrize("files", [{"policies": HOURS.replace("zone: city", "zone: owed")}])
async def test_a_zone_that_is_no_text_is_told_by_check(closed: Company):
    from engine.rules import load_home

    assert "name: text" in MODEL
    problems = load_home(closed.home).problems
    assert [(each.code, str(each.place).partition(":")[0]) for each in problems] == [
        ("feel-type", "config/autonomy.yaml")
    ]
