"""The secret key leaked: the layer goes on under another, and only what is older needs the former one."""

import asyncio
import json
import shutil

import pytest

from api.bootstrap import open_layer
from api.cli.root import opslayer
from api.cli.shell import GOOD, UNDONE, run
from api.clock import SystemClock
from engine.events import Record


@pytest.fixture
async def told(home):
    async with open_layer(home, SystemClock()) as layer:
        for key in ("C1", "C2"):
            data = {"id": key, "name": f"Name of {key}", "email": f"{key}@example.org"}
            await layer.ingest([Record(source="ledger", stream="customers", key=key, data=data)])
    return home


async def call(home, *arguments):
    return await asyncio.to_thread(run, opslayer, ["--home", str(home), *arguments])


def put_away(home, place):
    shutil.move(home / ".opslayer" / "secret.key", place)
    return str(place)


async def known(home):
    async with open_layer(home, SystemClock()) as layer:
        assert not (await layer.verify()).problems
        return sorted(layer.parts.pipeline.session.state.entities["customer"])


async def test_the_layer_goes_on_under_a_new_key_and_the_journal_says_so(told, tmp_path, capsys):
    former = put_away(told, tmp_path / "former.key")
    assert await call(told, "verify") == UNDONE
    assert "secret key is not the one" in capsys.readouterr().err
    assert await call(told, "rewrap", "--former", former) == GOOD
    assert "Under the new secret key: the keys of 2 persons." in capsys.readouterr().out
    assert await known(told) == ["C1", "C2"]
    async with open_layer(told, SystemClock()) as layer:
        noted = await layer.parts.store.entries(kinds=("key",))
        assert [each.body for each in noted] == [{"does": "change the secret key", "keys": 2}]
    assert await call(told, "rewrap", "--former", former) == GOOD
    assert "nothing was changed" in capsys.readouterr().out


async def test_it_refuses_while_the_layer_is_open(told, tmp_path, capsys):
    shutil.copy(told / ".opslayer" / "secret.key", tmp_path / "former.key")
    async with open_layer(told, SystemClock()):
        assert await call(told, "rewrap", "--former", str(tmp_path / "former.key")) == UNDONE
    assert "stop every `serve` and `worker`" in capsys.readouterr().err


async def test_keys_of_the_environment_are_changed_there(told, tmp_path, monkeypatch):
    app = told / "config" / "app.yaml"
    app.write_text(app.read_text() + "secret_key: {env: ACME_SECRET}\n")
    monkeypatch.setenv("ACME_SECRET", "a long new secret of the environment")
    former = put_away(told, tmp_path / "former.key")
    assert await call(told, "rewrap", "--former", former) == GOOD
    (tmp_path / "second.key").write_text("a long new secret of the environment\n")  # as an editor leaves it
    monkeypatch.setenv("ACME_SECRET", "the next secret of the same environment")
    assert await call(told, "rewrap", "--former", str(tmp_path / "second.key")) == GOOD
    assert await known(told) == ["C1", "C2"]


@pytest.mark.parametrize("erased", ["before", "after"])
async def test_a_backup_under_the_former_key_brings_nobody_back_who_was_erased(told, tmp_path, capsys, erased):
    file, erase = str(tmp_path / "b.opslayer"), ("person", "erase", "customer:C1", "--because", "asked", "--yes")
    assert await call(told, "backup", file) == GOOD
    if erased == "before":
        assert await call(told, *erase) == GOOD
    former = put_away(told, tmp_path / "former.key")
    assert await call(told, "rewrap", "--former", former) == GOOD
    if erased == "after":
        assert await call(told, *erase) == GOOD
    assert await call(told, "restore", file, "--yes") == UNDONE
    capsys.readouterr()
    assert await call(told, "--json", "restore", file, "--yes", "--former", former) == GOOD
    assert json.loads(capsys.readouterr().out)["result"]["erased"] > 0
    assert await known(told) == ["C2"]
