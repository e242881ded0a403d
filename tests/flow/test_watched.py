"""A layer is watched by rules like any others: what ails it reaches a chat, once, from metrics over HTTP to a message."""

import shutil
from pathlib import Path

import pytest

from api.bootstrap import open_layer
from api.checks import check_home
from api.cli.root import opslayer
from api.cli.shell import GOOD, run
from api.views import Actor
from tests.approvals.layer.company import Company
from tests.approvals.layer.conftest import closed, company, crm, database  # noqa: F401  (fixtures)
from tests.approvals.layer.test_asked import served
from tests.approvals.peer import serving

WATCH = Path(__file__).parents[2] / "examples/watch"
ADMIN = Actor(id="local", roles=frozenset({"admin"}), channel="cli")
MODELS = """
format: 1
providers:
  local: {kind: openai, base_url: "http://127.0.0.1:9/v1", model: none, per_day: {calls: 1}}
routes: {draft: [local, template]}
"""


@pytest.fixture
def files():
    """The company as it is."""
    return {}


@pytest.fixture
async def watching(closed: Company, tmp_path, monkeypatch):  # noqa: F811
    """The watched company, the layer that watches it, and the chat that it tells."""
    (closed.home / "config/models.yaml").write_text(MODELS)
    sources = (closed.home / "config/sources.yaml").read_text()
    sources = sources.replace("{format: csv, key: id}", "{format: csv, path: all.csv, key: id}")
    (closed.home / "config/sources.yaml").write_text(sources)
    (closed.home / "data").mkdir()
    (closed.home / "data/all.csv").write_text("id\n")
    shutil.copytree(WATCH, tmp_path / "watch")
    async with closed.open() as layer, served(closed) as http:
        key = await layer.create_key("watch", "viewer", ADMIN)
        monkeypatch.setenv("OPSLAYER_WATCHED_URL", str(http.base_url).rstrip("/"))
        monkeypatch.setenv("OPSLAYER_WATCHED_KEY", key.secret)
        with serving() as chat:
            monkeypatch.setenv("OPSLAYER_CHAT_URL", chat.url)
            async with open_layer(tmp_path / "watch", closed.clock) as watcher:
                yield closed, watcher, chat


async def told(watcher, chat):
    """Read the watched layer again, and return what is new in the chat."""
    before = len(chat.records)
    synced = await watcher.sync("layer")
    assert not any(each.rejected for each in synced)
    await watcher.tick()
    await watcher.rest()
    return sorted(each["body"]["text"] for each in chat.records[before:])


async def test_what_ails_a_layer_is_told_once_and_again_when_it_begins_anew(watching):
    company, watcher, chat = watching  # noqa: F811
    [synced] = await company.layer.sync("erp")
    assert synced.problem is None
    assert await told(watcher, chat) == []

    await company.tell(status="due")  # a model that does not answer is asked for the words, and its day is spent
    assert await told(watcher, chat) == ["local has spent 100 % of its day"]

    company.advance(minutes=61)
    assert await told(watcher, chat) == ["erp has told nothing since 2026-01-05T08:00:00Z"]
    company.advance(days=2)
    [waits] = await told(watcher, chat)
    assert waits.startswith("An action waits for a person since 2026-01-05T08:00:00")
    assert await told(watcher, chat) == []

    await company.layer.sync("erp")
    await company.decide(await company.only("due"), "reject", reason="paid")
    assert await told(watcher, chat) == []
    company.advance(hours=2)
    [again] = await told(watcher, chat)
    assert again.startswith("erp has told nothing since 2026-01-07T")


async def test_a_source_that_does_not_answer_and_a_letter_of_which_nobody_knows(watching):
    company, watcher, chat = watching  # noqa: F811
    file = company.home / "data/all.csv"
    file.rename(file.with_suffix(".gone"))
    await company.layer.sync("erp")
    await company.tell(status="due")
    await company.decide(await company.only("due"), "approve")
    company.box.cut = True
    await company.rest()
    assert (await company.only("due")).state == "unknown"
    assert await told(watcher, chat) == [
        "1 action(s) may or may not have happened", "erp does not answer", "local has spent 100 % of its day",
    ]  # fmt: skip
    file.with_suffix(".gone").rename(file)
    await company.layer.sync("erp")
    assert await told(watcher, chat) == []
    file.rename(file.with_suffix(".gone"))
    await company.layer.sync("erp")
    assert await told(watcher, chat) == ["erp does not answer"]


def test_the_shipped_home_is_sound_and_its_examples_hold(tmp_path, capsys):
    shutil.copytree(WATCH, tmp_path / "watch")
    assert check_home(tmp_path / "watch").problems == ()
    assert run(opslayer, ["--home", str(tmp_path / "watch"), "test"]) == GOOD
    assert "0 failed" in capsys.readouterr().out
