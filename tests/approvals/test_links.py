import pytest

from approvals.links import Issued, Links
from approvals.results import BadVerdict, Decided, NotThisPerson, StaleDigest
from engine.events import Action
from tests.approvals.world import AYSE, MEHMET, PEOPLE, World, task


@pytest.fixture
def world(real: World) -> World:
    """The company over each kind of database."""
    return real


@pytest.fixture
def links(world: World) -> Links:
    return Links(world.inbox, PEOPLE, world.store)


async def issued(world: World, links: Links, action: Action) -> Issued:
    async with world.store.transaction() as tx:
        link = await links.issue(tx, action, AYSE, world.clock.now())
    assert link is not None
    return link


async def click(world: World, links: Links, link: Issued, choice: str = "approve", code: str | None = None):
    async with world.store.transaction() as tx:
        typed = link.code if code is None else code
        return await links.decide(tx, link.token, choice, world.clock.now(), code=typed)


async def test_01_a_scanner_that_opens_and_posts_everything_decides_nothing(world: World, links: Links):
    link = await issued(world, links, await world.propose())
    for _ in range(200):
        assert await links.look(link.token, world.clock.now()) is not None
        assert isinstance(await click(world, links, link, choice="", code=""), BadVerdict)
    assert await world.state() == "pending"
    assert isinstance(await click(world, links, link), Decided)
    assert await world.state() == "approved"


async def test_a_link_works_once_even_after_the_verdict_was_taken_back(world: World, links: Links):
    link = await issued(world, links, await world.propose())
    await click(world, links, link)
    async with world.store.transaction() as tx:
        await world.inbox.undo(tx, "p1", MEHMET, world.clock.now())
    assert isinstance(await click(world, links, link), NotThisPerson)
    assert await world.state() == "pending"


async def test_an_edit_ends_the_link(world: World, links: Links):
    link = await issued(world, links, await world.propose())
    await world.decide("edit", edit={"text": "Dear Acme, kindly pay."})
    assert isinstance(await click(world, links, link), StaleDigest)


async def test_medium_consequence_asks_for_the_code_of_the_mail_five_times_at_most(world: World, links: Links):
    link = await issued(world, links, await world.propose())
    assert len(link.code) == 6
    wrong = "000000" if link.code != "000000" else "111111"
    for _ in range(5):
        assert isinstance(await click(world, links, link, code=wrong), NotThisPerson)
    assert isinstance(await click(world, links, link), NotThisPerson)
    assert len(await world.journal("denied")) == 6


async def test_low_consequence_asks_for_a_choice_alone(world: World, links: Links):
    link = await issued(world, links, await world.propose(**task()))
    assert link.code == ""
    assert isinstance(await click(world, links, link, choice="reject"), Decided)
    assert await world.state() == "rejected"


async def test_high_consequence_gets_no_link(world: World, links: Links):
    action = await world.propose(operation="erp.delete_everything")
    async with world.store.transaction() as tx:
        assert await links.issue(tx, action, AYSE, world.clock.now()) is None


async def test_a_link_ends_and_a_made_up_one_never_was(world: World, links: Links):
    link = await issued(world, links, await world.propose())
    world.clock.advance(days=3)
    assert await links.look(link.token, world.clock.now()) is None
    assert isinstance(await click(world, links, link), NotThisPerson)
    assert await links.look("made-up", world.clock.now()) is None


async def test_the_token_is_kept_nowhere(world: World, links: Links):
    link = await issued(world, links, await world.propose())
    stored = repr(await world.store.entries())
    assert link.token not in stored
    assert link.code not in [str(body.get("code")) for body in await world.journal("note")]
