"""Hours saved are an assumption, and are shown as one."""

import pytest

from engine.settings.app import Minutes


@pytest.fixture
def stated(layer):
    layer.minutes = Minutes(by_hand=25, decision=2, edit=9)


async def test_what_the_company_states_is_shown_as_assumed(enter, stated):
    browser = await enter("zeynep")
    assert "config/app.yaml states 25, 2 and 9 minutes" in (await browser.get("/workflows")).text
    assert (
        "Hours saved assume 25 minutes for an action by hand, 2 for a decision" in (await browser.get("/report")).text
    )


async def test_a_reader_may_try_others(enter, stated):
    page = (await (await enter("zeynep")).get("/workflows?by_hand=40")).text
    assert 'name="by_hand" type="number" min="0" max="600" step="0.5" value="40"' in page
    assert "config/app.yaml states 25, 2 and 9 minutes" in page


@pytest.mark.parametrize("nonsense", ["nan", "inf", "a lot", ""])
async def test_nonsense_is_taken_for_nothing(enter, stated, nonsense):
    page = (await (await enter("zeynep")).get(f"/workflows?by_hand={nonsense}")).text
    assert 'name="by_hand" type="number" min="0" max="600" step="0.5" value="25"' in page
