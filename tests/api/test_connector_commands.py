"""`opslayer connector`: from nothing but a system's own description to records that become entities."""

import json
import sqlite3

import pytest
from ruamel.yaml import YAML

from api.checks import check_home
from api.cli.root import opslayer
from api.cli.shell import FAULTS, GOOD, USAGE, run
from connectors.packs import packs

INVOICE = {
    "content": {
        "application/json": {
            "schema": {
                "required": ["number"],
                "properties": {
                    "number": {"type": "string"}, "total": {"type": "number"}, "in": {"type": "string"},
                    "id": {"type": "string", "readOnly": True},
                },
            }
        }
    }
}  # fmt: skip
MODEL = "format: 1\nextends: base\nentities: {}\n"
OPENAPI = {
    "openapi": "3.0.3",
    "servers": [{"url": "https://billing.example/api"}],
    "components": {
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        "schemas": {
            "Invoice": {
                "type": "object",
                "properties": {
                    "id": {"type": "string"},
                    "number": {"type": "string"},
                    "currency": {"type": "string"},
                    "total": {"type": "number"},
                    "due_date": {"type": "string", "format": "date"},
                    "updated_at": {"type": "string", "format": "date-time"},
                },
            }
        },
    },
    "paths": {
        "/invoices": {
            "get": {
                "parameters": [{"name": name, "in": "query"} for name in ("limit", "cursor", "updated_since")],
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "properties": {
                                        "data": {"type": "array", "items": {"$ref": "#/components/schemas/Invoice"}},
                                        "next_cursor": {"type": "string"},
                                    },
                                }
                            }
                        }
                    }
                },
            },
            "post": {"requestBody": INVOICE},
        },
        "/invoices/{id}": {
            "get": {"responses": {}},
            "patch": {"requestBody": INVOICE},
            "put": {"requestBody": INVOICE},
        },
    },
}
METADATA = """<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="erp" xmlns="http://docs.oasis-open.org/odata/ns/edm">
<EntityContainer Name="c"><EntitySet Name="Customers" EntityType="erp.Customer"/></EntityContainer>
<EntityType Name="Customer"><Key><PropertyRef Name="ID"/></Key><Property Name="ID" Type="Edm.Guid"/>
<Property Name="Name" Type="Edm.String"/><Property Name="EMail" Type="Edm.String"/>
<Property Name="ModifiedAt" Type="Edm.DateTimeOffset"/></EntityType></Schema></edmx:DataServices></edmx:Edmx>"""


@pytest.fixture
def home(tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "app.yaml").write_text("format: 1\ncompany: Acme\ntimezone: Europe/Istanbul\n")
    (tmp_path / "config" / "model.yaml").write_text(MODEL)
    (tmp_path / "config" / "sources.yaml").write_text("format: 1\nsources: {}\n")
    return tmp_path


def called(home, *arguments):
    return run(opslayer, ["--home", str(home), "connector", *arguments])


@pytest.mark.parametrize("name", [pack.name for pack in packs()])
def test_a_pack_that_was_added_passes_check(home, name):
    assert called(home, "add", name, "--as", "system") == GOOD
    assert check_home(home).problems == ()


def test_nothing_is_overwritten(home, capsys):
    assert called(home, "add", "hubspot") == GOOD
    assert called(home, "add", "hubspot") == USAGE
    assert "already there, nothing was written" in capsys.readouterr().err


def test_an_openapi_file_becomes_a_source_that_passes_check(home):
    (home / "openapi.json").write_text(json.dumps(OPENAPI))
    assert called(home, "new", "billing", "--from", str(home / "openapi.json")) == GOOD
    assert check_home(home).problems == ()
    manifest = (home / "config" / "manifests" / "billing.yaml").read_text()
    assert all(word in manifest for word in ("kind: cursor", "field: next_cursor", "param: updated_since", "bearer:"))
    written = YAML(typ="safe").load(manifest)["operations"]
    worst = {"consequence": "high", "leaves_company": True, "idempotency": "none"}
    body = {"json": {"number": "number", "total": "total"}}
    assert written == {
        "create_invoices": {"path": "/invoices", **body, "fields": {"number": True, "total": False}, **worst},
        "update_invoices": {
            "path": "/invoices/{id}", "method": "PATCH", **body,
            "fields": {"id": True, "number": True, "total": True}, **worst,
        },
    }  # fmt: skip
    assert "write: true" not in (home / "config" / "sources.yaml").read_text()
    assert "amount: total" in (home / "mappings" / "billing.yaml").read_text()


def test_a_metadata_document_becomes_a_source_that_passes_check(home):
    (home / "metadata.xml").write_text(METADATA)
    assert called(home, "new", "erp", "--from", str(home / "metadata.xml")) == GOOD
    assert check_home(home).problems == ()
    assert "update_customers:" in (home / "config" / "manifests" / "erp.yaml").read_text()
    assert "key_type: guid" in (home / "config" / "manifests" / "erp.yaml").read_text()
    assert "entity: customer" in (home / "mappings" / "erp.yaml").read_text()


@pytest.fixture
def ledger(home, monkeypatch):
    with sqlite3.connect(home / "ledger.db") as database:
        database.execute(
            "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT, city TEXT, updated_at TIMESTAMP)"
        )
        database.execute(
            "INSERT INTO customers VALUES (7, 'Yildiz A.Ş.', 'a@yildiz.example', 'Bursa', '2026-03-02 12:00:00')"
        )
    database.close()
    monkeypatch.setenv("LEDGER_URL", "sqlite:///ledger.db")
    assert called(home, "new", "ledger", "--from", "sqlite:///ledger.db") == GOOD
    return home


class TestADatabaseThatNobodyHasSeen:
    def test_it_passes_check_and_its_credentials_are_proved(self, ledger, capsys):
        assert check_home(ledger).problems == ()
        assert called(ledger, "check", "ledger") == GOOD
        assert "1 records on the first page" in capsys.readouterr().out

    def test_its_records_become_customers(self, ledger, capsys):
        assert called(ledger, "sample", "ledger", "customers") == GOOD
        assert "=> customer 7 (name: Yildiz A.Ş." in capsys.readouterr().out

    def test_its_streams_are_listed(self, ledger, capsys):
        assert called(ledger, "discover", "ledger") == GOOD
        assert "updated_at" in capsys.readouterr().out

    def test_a_table_that_is_gone_is_a_fault_with_its_name(self, ledger, capsys):
        with sqlite3.connect(ledger / "ledger.db") as database:
            database.execute("DROP TABLE customers")
        database.close()
        assert called(ledger, "check", "ledger") == FAULTS
        assert "there is no table customers" in capsys.readouterr().out


def test_an_unknown_source_is_a_usage_error_that_names_the_known(home, capsys):
    assert called(home, "check", "nobody") == USAGE
    assert "There is no source 'nobody'" in capsys.readouterr().err
