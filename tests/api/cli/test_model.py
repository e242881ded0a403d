"""`opslayer model fields`: what fills a field and who reads it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli.root import opslayer

ROOT = Path(__file__).parents[3]


def run(*args):
    return CliRunner().invoke(opslayer, ["--home", str(ROOT), "--json", "model", "fields", *args])


@pytest.fixture(scope="module")
def fields():
    found = run()
    assert found.exit_code == 0, found.output
    return {(each["entity"], each["field"]): each for each in json.loads(found.stdout)}


def test_it_says_who_reads_a_field_and_what_fills_it(fields):
    limit = fields["customer", "credit_limit"]
    assert limit["fillers"] == ["erp/customers"]
    assert limit["readers"] == ["collections/credit_hold"]
    assert fields["invoice", "due_date"]["readers"] != []


def test_personal_data_is_marked_and_what_nobody_reads_is_told(fields):
    assert fields["contact", "phone"]["personal"]
    assert fields["product", "gtin"]["readers"] == []


def test_the_label_and_identity_are_readers_too(fields):
    assert {"label", "identity"} <= set(fields["customer", "name"]["readers"])


def test_one_type_and_only_what_is_read():
    found = json.loads(run("invoice", "--read").stdout)
    assert {each["entity"] for each in found} == {"invoice"}
    assert all(each["readers"] for each in found)


def test_an_unknown_type_is_wrong_usage():
    assert run("invoyce").exit_code == 2
