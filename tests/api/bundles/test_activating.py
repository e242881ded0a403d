import asyncio
from datetime import UTC, datetime

import pytest

from api.bootstrap import open_layer, open_session
from api.bundles.preview import preview
from api.bundles.trial import attempt
from api.clock import SimulatedClock
from api.outcomes import Bundle, Refused
from api.views import Actor
from engine.bundles import unpack

NOW = datetime(2026, 1, 25, 8, tzinfo=UTC)
"""C1 is ten days over then, C2 is not due yet."""


@pytest.fixture
async def layer(repo):
    async with open_layer(repo.home, SimulatedClock(NOW)) as layer:
        await layer.sync()
        yield layer


async def upload(layer, content, actor) -> str:
    kept = await layer.upload_bundle(content, "", actor)
    assert isinstance(kept, Bundle)
    return kept.id


async def test_a_bundle_rules_from_the_next_input_on(repo, layer, admin):
    assert [each.state for each in await layer.actions()] == ["pending"]
    id = await upload(layer, repo.later(20), admin)
    result = await layer.activate_bundle(id, admin)
    assert (result.active, result.author) == (True, "Ada <ada@example.org>")
    assert [each.state for each in await layer.actions()] == ["withdrawn"]
    await layer.advance_clock(datetime(2026, 2, 10, 8, tzinfo=UTC))
    proposed = [each for each in await layer.decisions() if each.kind == "propose"]
    assert proposed[0].revision == result.revision != proposed[-1].revision


async def test_a_restart_goes_on_under_the_bundle_and_a_faulty_folder_does_no_harm(repo, admin):
    async with open_layer(repo.home, SimulatedClock(NOW)) as layer:
        await layer.sync()
        result = await layer.activate_bundle(await upload(layer, repo.later(20), admin), admin)
    repo.edit("oldest_due !=", "oldest_dew !=")
    async with open_layer(repo.home, SimulatedClock(NOW)) as layer:
        assert [each.id for each in await layer.bundles() if each.active] == [result.id]
        assert layer.parts.pipeline.session.rulebook.settings.revision == result.revision


async def test_what_is_faulty_is_refused_with_reasons_and_the_old_rules_go_on(repo, layer, admin):
    before = layer.parts.home.revision
    repo.git("checkout", "-q", "-b", "moved")
    repo.edit("timezone: Europe/Istanbul", "timezone: UTC", "config/app.yaml")
    repo.commit("another zone")
    from api.bundles.building import from_git

    content = from_git(repo.home, "moved")
    result = await layer.activate_bundle(await upload(layer, content, admin), admin)
    assert [each.code for each in result.problems] == ["restart-needed"]
    assert isinstance(await layer.upload_bundle(content[:-700], "", admin), Refused)
    assert layer.parts.home.revision == before
    denied = await layer.parts.store.entries(kinds=("denied",))
    assert denied[-1].body["note"] == "another zone"
    assert "timezone" in str(denied[-1].body)


async def test_of_two_activations_at_once_one_wins_and_the_other_is_told(repo, layer, admin):
    ids = [await upload(layer, repo.later(days), admin) for days in (20, 30)]
    results = await asyncio.gather(*(layer.activate_bundle(id, admin) for id in ids))
    assert sorted(type(each).__name__ for each in results) == ["Bundle", "Refused"]
    refused = next(each for each in results if isinstance(each, Refused))
    assert [each.code for each in refused.problems] == ["overtaken"]
    active = [each.id for each in await layer.bundles() if each.active]
    assert active == [each.id for each in results if isinstance(each, Bundle)]


async def test_who_wrote_a_rule_cannot_approve_it_too(repo, layer):
    ada = Actor(id="ada", roles=frozenset({"admin"}), channel="api")
    id = await upload(layer, repo.later(20), ada)
    result = await layer.activate_bundle(id, ada)
    assert [each.code for each in result.problems] == ["own-approval"]
    reviewed = repo.later(21, "Later\n\nReviewed-by: Grace Hopper <grace@example.org>")
    assert isinstance(await layer.activate_bundle(await upload(layer, reviewed, ada), ada), Bundle)


async def test_a_bundle_of_the_folder_is_activated_by_another_than_who_had_it_made(repo, layer, admin):
    repo.edit("P7D", "P30D")
    ada = Actor(id="ada", roles=frozenset({"admin"}), channel="api")
    kept = await layer.load_bundle("", ada)
    result = await layer.activate_bundle(kept.id, ada)
    assert [each.code for each in result.problems] == ["own-approval"]
    assert isinstance(await layer.activate_bundle(kept.id, admin), Bundle)


async def test_a_bundle_that_names_nobody_is_refused(repo, layer, admin):
    from api.bundles.building import from_folder

    repo.edit("P7D", "P30D")
    result = await layer.activate_bundle(await upload(layer, from_folder(repo.home, ""), admin), admin)
    assert [each.code for each in result.problems] == ["unknown-author"]
    assert "reminders/late" in result.problems[0].message


async def test_a_rollback_brings_the_former_rules_back_without_repeating_anything(repo, layer, admin):
    first = layer.parts.home.revision
    assert isinstance(await layer.rollback_bundle(admin), Refused)
    await layer.activate_bundle(await upload(layer, repo.later(9), admin), admin)
    result = await layer.rollback_bundle(admin)
    assert result.revision == first
    assert [each.state for each in await layer.actions()] == ["pending"]
    assert not (await layer.verify()).problems


async def test_another_process_is_followed(repo, layer, admin):
    async with open_layer(repo.home, SimulatedClock(NOW)) as other:
        result = await other.activate_bundle(await upload(other, repo.later(20), admin), admin)
    await layer.tick()
    assert layer.parts.home.revision == result.revision
    assert layer.parts.pipeline.session.rulebook.settings.revision == result.revision


async def test_a_preview_changes_nothing(repo, layer, admin):
    found = {}
    tried = attempt(unpack(repo.later(20)))
    async with open_session(repo.home, SimulatedClock(NOW)) as session:
        before = session.snapshot()
        found = {(each.rule, each.proposed, each.seeded, each.withdrawn) for each in preview(session, tried.rulebook)}
        assert session.snapshot() == before
    assert found == {("reminders/late", 0, 0, 1)}
