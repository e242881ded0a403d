"""A layer that follows a git branch: what is sound takes over by itself, what is not is refused and told."""

from datetime import UTC, datetime

import pytest

from api.bootstrap import open_layer
from api.clock import SimulatedClock
from api.outcomes import Bundle, Refused

NOW = datetime(2026, 1, 25, 8, tzinfo=UTC)
GRACE = "Reviewed-by: Grace Hopper <grace@example.org>"
FOLLOW = "company: Acme\nfollow:\n  branch: main\n"


@pytest.fixture
def followed(repo):
    repo.edit("company: Acme\n", FOLLOW, "config/app.yaml")
    repo.commit("follow main")
    return repo


@pytest.fixture
async def layer(followed):
    async with open_layer(followed.home, SimulatedClock(NOW)) as layer:
        await layer.sync()
        yield layer


def threshold(repo, days, message=f"Later\n\n{GRACE}"):
    """Move the branch, as a push from elsewhere would: the folder's own files go along."""
    text = (repo.home / "rules/reminders/ruleset.yaml").read_text("utf-8")
    now = text.split('duration("')[1].split('"')[0]
    repo.edit(now, f"P{days}D")
    repo.commit(message)
    return repo.git("rev-parse", "main")


async def denied(layer):
    return [each for each in await layer.config_history() if each.kind == "refused"]


async def test_what_the_branch_holds_rules_as_a_bundle_from_the_first_look_on(followed, layer):
    found = await layer.follow()
    assert (found.state, found.commit) == ("in-force", followed.git("rev-parse", "main"))
    present = await layer.in_force()
    assert (present.commit, present.by, present.followed) == (found.commit, "git:main", found)
    assert present.bundle


async def test_a_new_commit_takes_over_and_what_waits_is_judged_by_it(followed, layer):
    await layer.follow()
    assert [each.state for each in await layer.actions()] == ["pending"]
    commit = threshold(followed, 20)
    found = await layer.follow()
    assert (found.state, found.commit) == ("in-force", commit)
    assert [each.state for each in await layer.actions()] == ["withdrawn"]
    assert (await layer.in_force()).approvers == ("Grace Hopper <grace@example.org>",)


async def test_the_same_commit_is_tried_once(followed, layer):
    await layer.follow()
    threshold(followed, 20)
    await layer.follow()
    before = len(await layer.config_history())
    await layer.follow()
    assert len(await layer.config_history()) == before


async def test_a_faulty_commit_is_refused_once_with_every_reason_and_the_old_rules_go_on(followed, layer):
    await layer.follow()
    before = layer.parts.home.revision
    followed.edit("oldest_due !=", "oldest_dew !=")
    followed.commit(f"a slip\n\n{GRACE}")
    for _ in range(2):
        found = await layer.follow()
    assert found.state == "refused"
    assert [(each.code, each.place.line) for each in found.problems] == [("unknown-name", 12)]
    assert layer.parts.home.revision == before
    ready = await layer.ready()
    assert ready.ready
    assert "was refused, the former rules go on: rules/reminders/ruleset.yaml:12" in ready.reasons[0]
    (told,) = await denied(layer)
    assert told.commit == found.commit
    assert "oldest_dew" in told.why[0]
    followed.edit("oldest_dew !=", "oldest_due !=")
    followed.commit(f"mended\n\n{GRACE}")
    assert (await layer.follow()).state == "in-force"


async def test_an_example_that_fails_keeps_a_commit_out(followed, layer):
    await layer.follow()
    (followed.home / "rules/reminders/examples.yaml").write_text(
        "format: 1\nexamples:\n  - name: never\n    at: 2026-03-01T09:00:00+03:00\n"
        "    given:\n      customer:\n        - {id: C1, name: Acme}\n    then:\n"
        "      - propose: late/remind for customer:C1\n"
    )
    followed.commit(f"an example\n\n{GRACE}")
    assert [each.code for each in (await layer.follow()).problems] == ["example-failed"]


@pytest.mark.parametrize(
    ("message", "code"),
    [("Later", "no-approval"), ("Later\n\nApproved-by: Ada <ADA@example.org>", "own-approval")],
)
async def test_nobody_lets_their_own_change_in(followed, layer, message, code):
    await layer.follow()
    threshold(followed, 20, message)
    found = await layer.follow()
    assert [each.code for each in found.problems] == [code]
    assert [each.state for each in await layer.actions()] == ["pending"]


async def test_who_merges_a_change_of_others_lets_it_in(followed, layer):
    await layer.follow()
    followed.git("checkout", "-q", "-b", "change")
    followed.edit("P7D", "P20D")
    followed.commit("Later")
    followed.git("checkout", "-q", "main")
    grace = ("-c", "user.name=Grace Hopper", "-c", "user.email=grace@example.org")
    followed.git(*grace, "merge", "-q", "--no-ff", "-m", "Merge change", "change")
    found = await layer.follow()
    assert (found.state, found.problems) == ("in-force", ())


async def test_every_change_since_the_last_needs_its_own_word(followed, layer):
    await layer.follow()
    threshold(followed, 20, "unseen")
    threshold(followed, 21)
    (problem,) = (await layer.follow()).problems
    assert "unseen" in problem.message


async def test_a_protected_branch_is_trusted_when_told_so(repo):
    repo.edit("company: Acme\n", f"{FOLLOW}  review: trusted\n", "config/app.yaml")
    repo.commit("follow main")
    async with open_layer(repo.home, SimulatedClock(NOW)) as layer:
        await layer.follow()
        threshold(repo, 20, "Later")
        assert (await layer.follow()).state == "in-force"


async def test_a_rollback_lasts_until_the_branch_moves(followed, layer, admin):
    await layer.follow()
    first = layer.parts.home.revision
    threshold(followed, 20)
    await layer.follow()
    assert isinstance(await layer.rollback_bundle(admin), Bundle)
    await layer.follow()
    assert layer.parts.home.revision == first
    threshold(followed, 21)
    assert (await layer.follow()).state == "in-force"
    assert layer.parts.home.revision != first


async def test_a_branch_that_is_gone_is_told_once_and_found_again(followed, layer):
    await layer.follow()
    followed.git("branch", "-m", "main", "elsewhere")
    for _ in range(2):
        found = await layer.follow()
    assert "refs/heads/main" in found.unreachable
    assert len(await denied(layer)) == 1
    followed.git("branch", "-m", "elsewhere", "main")
    found = await layer.follow()
    assert (found.unreachable, found.state) == ("", "in-force")


async def test_a_remote_is_fetched_and_a_force_push_followed(followed, tmp_path):
    origin = tmp_path / "origin.git"
    followed.git("clone", "-q", "--bare", str(followed.home), str(origin))
    followed.git("remote", "add", "origin", str(origin))
    followed.edit("  branch: main\n", "  branch: main\n  remote: origin\n", "config/app.yaml")
    followed.commit(f"from the remote\n\n{GRACE}")
    followed.git("push", "-q", "origin", "main")
    async with open_layer(followed.home, SimulatedClock(NOW)) as layer:
        await layer.sync()
        await layer.follow()
        pushed = threshold(followed, 20)
        assert (await layer.follow()).commit != pushed  # a local commit is nobody's business yet
        followed.git("push", "-q", "origin", "main")
        assert (await layer.follow()).commit == pushed
        followed.git("reset", "-q", "--hard", "HEAD~1")
        forced = threshold(followed, 30)
        followed.git("push", "-q", "--force", "origin", "main")
        found = await layer.follow()
        assert (found.commit, found.state) == (forced, "in-force")
        assert followed.git("status", "--porcelain") == ""


async def test_files_in_the_folder_rule_again_when_a_bundle_is_released(repo, admin):
    async with open_layer(repo.home, SimulatedClock(NOW)) as layer:
        await layer.sync()
        assert isinstance(await layer.release_bundle(admin), Refused)
        kept = await layer.upload_bundle(repo.later(20), "", admin)
        await layer.activate_bundle(kept.id, admin)
        assert (await layer.in_force()).bundle == kept.id
        released = await layer.release_bundle(admin)
        assert isinstance(released, Bundle)
        assert (await layer.in_force()).bundle == ""
    repo.edit("P7D", "P30D")
    async with open_layer(repo.home, SimulatedClock(NOW)) as layer:
        assert "P30D" in await layer.config_file("rules/reminders/ruleset.yaml")
        assert [each.state for each in await layer.actions()] == ["withdrawn"]
