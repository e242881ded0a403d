"""What is kept about a person can be had whole and destroyed; the journal stays sound, and no backup brings it back."""

import json

import pytest

from api.backups import put_back
from api.bootstrap import open_layer
from api.cli.root import opslayer
from api.cli.shell import GOOD, USAGE, run
from api.clock import SystemClock
from engine.events import Record

NAME = "Ada Lovelace of Acme"


@pytest.fixture
async def told(home):
    async with open_layer(home, SystemClock()) as layer:
        for key, name in (("C1", NAME), ("C2", "Grace")):
            data = {"id": key, "name": name, "email": f"{key}@example.org"}
            await layer.ingest([Record(source="ledger", stream="customers", key=key, data=data)])
        due = {"number": "I1", "customer": "C1", "amount": "100", "due_date": "2025-01-01", "paid_on": None}
        await layer.ingest([Record(source="ledger", stream="invoices", key="I1", data=due)])
        await layer.tick()
    return home


def call(home, *arguments):
    return run(opslayer, ["--home", str(home), *arguments])


async def known(home):
    async with open_layer(home, SystemClock()) as layer:
        return sorted(layer.parts.pipeline.session.state.entities["customer"])


def test_an_export_holds_what_the_sources_told_and_what_was_made_of_it(told, tmp_path, capsys):
    assert call(told, "person", "export", "customer:email:c1@example.org", "--to", str(tmp_path / "ada.json")) == GOOD
    found = json.loads((tmp_path / "ada.json").read_text())
    assert found["person"] == "customer:C1"
    assert [each["id"] for each in found["entities"]] == ["C1", "I1"]
    assert found["entities"][0]["records"][0]["fields"]["name"] == NAME
    assert [each["kind"] for each in found["journal"]][:2] == ["record", "record"]
    assert "Grace" not in json.dumps(found)


def test_an_erasure_wants_a_reason_and_a_yes(told, capsys):
    assert call(told, "person", "erase", "customer:C1") == USAGE
    assert call(told, "person", "erase", "customer:C9", "--because", "asked") == USAGE
    assert call(told, "person", "erase", "invoice:I1", "--because", "asked") == USAGE
    assert call(told, "person", "erase", "customer:C1", "--because", "asked") == GOOD
    assert "Nothing was changed" in capsys.readouterr().out
    assert call(told, "person", "export", "customer:C1") == GOOD


def test_what_is_erased_is_gone_and_the_journal_verifies(told, capsys):
    assert call(told, "person", "erase", "customer:C1", "--because", "asked", "--yes") == GOOD
    assert call(told, "person", "export", "customer:C1") == USAGE
    capsys.readouterr()
    assert call(told, "verify") == GOOD
    assert "0 erased" not in capsys.readouterr().out
    assert call(told, "timeline", "customer:C1") == GOOD
    out = capsys.readouterr().out
    assert "erased" in out
    assert NAME not in out
    assert "C1" not in (told / ".opslayer" / "erasures.jsonl").read_text()


async def test_a_person_erased_in_one_process_leaves_the_memory_of_the_others(told):
    async with open_layer(told, SystemClock()) as other, open_layer(told, SystemClock()) as layer:
        from api.layer.persons import Persons

        persons = Persons(layer.parts)
        await persons.erase(persons.find("customer:C1"), "admin", "asked", lambda _names: None)
        assert other.parts.pipeline.session.state.find("customer:C1") is not None
        await other.tick()
        assert other.parts.pipeline.session.state.find("customer:C1") is None


async def test_a_backup_from_before_brings_nobody_back(told, tmp_path):
    import asyncio

    file = tmp_path / "before.opslayer"
    assert await asyncio.to_thread(call, told, "backup", str(file)) == GOOD
    erase = ("person", "erase", "customer:C1", "--because", "asked", "--yes")
    assert await asyncio.to_thread(call, told, *erase) == GOOD
    restored = await put_back(told, file, SystemClock())
    assert restored.erased > 0
    assert restored.verified.problems == ()
    assert await known(told) == ["C2"]
    again = await put_back(told, file, SystemClock())
    assert (again.verified.problems, await known(told)) == ((), ["C2"])
