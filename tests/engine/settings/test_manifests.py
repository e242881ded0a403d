"""A source takes a vendor's manifest, says what is its own, and never makes an operation less grave."""

import pytest

from engine.rules import load_home
from engine.source.folder import Memory

MANIFEST = """
format: 1
connector: http
url: https://api.vendor.example
write: true
auth: {bearer: {env: VENDOR_TOKEN}}
every: PT1M
streams:
  deals: {path: /deals, key: id, page: {kind: none}}
  notes: {path: /notes, key: id, page: {kind: none}}
operations:
  hold: {path: "/deals/{deal}", consequence: medium, leaves_company: false, fields: {deal: true}}
"""
BASE = {
    "config/app.yaml": "format: 1\ncompany: Acme\ntimezone: Europe/Istanbul\n",
    "config/model.yaml": "format: 1\nentities: {deal: {fields: {name: text}}}\n",
    "config/manifests/vendor.yaml": MANIFEST,
}


def source(text):
    home = load_home(
        Memory({**BASE, "config/sources.yaml": f"format: 1\nsources:\n  crm:\n    connector: vendor\n{text}"})
    )
    assert home.problems == ()
    return home.sources.sources["crm"]


def test_all_of_the_manifest_is_taken_except_the_leave_to_write():
    crm = source("")
    assert (crm.connector, crm.every, set(crm.streams)) == ("http", "PT1M", {"deals", "notes"})
    assert (crm.write, "write" in crm.options) == (False, False)
    assert crm.options["url"] == "https://api.vendor.example"


def test_what_the_source_says_counts_more_and_the_rest_stays():
    crm = source("    url: http://127.0.0.1:9\n    write: true\n    streams:\n      deals: {path: /v2/deals}\n")
    assert (crm.options["url"], crm.write) == ("http://127.0.0.1:9", True)
    assert crm.options["streams"]["deals"] == {"path": "/v2/deals", "key": "id", "page": {"kind": "none"}}
    assert (crm.streams["deals"].key, set(crm.streams)) == ("id", {"deals", "notes"})


@pytest.mark.parametrize(("said", "holds"), [("low", "medium"), ("high", "high")])
def test_consequence_may_be_raised_and_never_lowered(said, holds):
    crm = source(f"    operations:\n      hold: {{consequence: {said}, leaves_company: false}}\n")
    assert crm.operations["hold"].consequence == holds
    assert crm.options["operations"]["hold"]["consequence"] == holds


def test_a_secret_of_ones_own_name_replaces_the_manifests():
    crm = source("    auth: {bearer: {env: MY_TOKEN}}\n")
    assert crm.options["auth"] == {"bearer": {"env": "MY_TOKEN"}}


def test_a_fault_is_told_where_it_stands():
    from api.checks import check_sources

    faulty = MANIFEST.replace("{kind: none}}\n  notes", "{kind: nobody}}\n  notes")
    home = load_home(
        Memory(
            {
                **BASE,
                "config/manifests/vendor.yaml": faulty,
                "config/sources.yaml": "format: 1\nsources:\n  crm:\n    connector: vendor\n    streams:\n      notes: {path: 1}\n",
            }
        )
    )
    places = sorted(str(problem.place) for problem in check_sources(home))
    assert [place.split(":")[0] for place in places] == ["config/manifests/vendor.yaml", "config/sources.yaml"]


def test_a_secret_in_a_manifest_is_refused():
    home = load_home(
        Memory({**BASE, "config/manifests/vendor.yaml": MANIFEST.replace("{env: VENDOR_TOKEN}", "abc123")})
    )
    assert [problem.code for problem in home.problems] == ["secret-in-yaml"]
