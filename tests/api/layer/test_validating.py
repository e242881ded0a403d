"""Customers drawn at random, signed off on a page, and the word kept in the journal."""

import json
import re

import pytest

from api.bootstrap import open_layer
from api.cli.root import opslayer
from api.cli.shell import FAULTS, GOOD, USAGE, run
from api.clock import SystemClock


@pytest.fixture
async def synced(home):
    rows = "".join(f"C{number},Customer <{number}>,c{number}@example.org\n" for number in range(1, 6))
    (home / "data" / "customers.csv").write_text(f"id,name,email\n{rows}")
    async with open_layer(home, SystemClock()) as layer:
        await layer.sync()
    return home


def call(home, *arguments):
    return run(opslayer, ["--home", str(home), *arguments])


def test_a_page_shows_each_value_with_its_record_and_mapping(synced, tmp_path):
    file = tmp_path / "page.html"
    assert call(synced, "model", "validate", "--sample", "3", "--seed", "7", "--to", str(file)) == GOOD
    text = file.read_text()
    assert len(re.findall("<fieldset", text)) == 3
    assert "Customer &lt;" in text
    assert re.search(r"ledger/customers/C\d, mappings/ledger.yaml:\d+", text)
    assert 'http-equiv="Content-Security-Policy"' in text


def test_what_was_said_is_in_the_journal_with_what_was_shown(synced, tmp_path, capsys):
    file, answers = tmp_path / "page.html", tmp_path / "answers.json"
    call(synced, "model", "validate", "--sample", "2", "--seed", "7", "--to", str(file))
    shown = re.findall(r'data-id="(\w+)" data-digest="(\w+)"', file.read_text())
    told = [{"id": id, "digest": digest, "right": at == 0, "note": "moved"} for at, (id, digest) in enumerate(shown)]
    answers.write_text(json.dumps({"entity": "customer", "of": 5, "seed": 7, "answers": told}))
    capsys.readouterr()
    assert call(synced, "model", "validate", "--answers", str(answers)) == FAULTS
    out = capsys.readouterr().out
    assert "1 of 2 are right" in out
    assert f"not right: customer:{shown[1][0]} moved" in out
    assert "by now" not in out
    assert call(synced, "timeline", f"customer:{shown[0][0]}") == GOOD
    assert "right yes" in capsys.readouterr().out
    told[0]["digest"] = "0" * 64
    answers.write_text(json.dumps({"entity": "customer", "of": 5, "seed": 7, "answers": told}))
    call(synced, "model", "validate", "--answers", str(answers))
    assert f"Other values by now than were shown: {shown[0][0]}." in capsys.readouterr().out


def test_what_cannot_be_answers_is_refused(synced, tmp_path):
    (tmp_path / "x.json").write_text("[]")
    assert call(synced, "model", "validate", "--answers", str(tmp_path / "x.json")) == USAGE
    assert call(synced, "model", "validate", "--answers", str(tmp_path / "nowhere.json")) == USAGE
    assert call(synced, "model", "validate", "nobody", "--to", str(tmp_path / "x.html")) == USAGE
    assert call(synced, "model", "validate") == USAGE


def test_the_status_of_sources_reads_nothing(synced, capsys):
    (synced / "data" / "customers.csv").unlink()
    assert call(synced, "sync", "--status", "ledger") == GOOD
    assert "ledger  fresh" in capsys.readouterr().out
