"""Doubtful pairs wait for a person; merges are journalled, survive a restart, and can be undone."""

from datetime import datetime
from types import SimpleNamespace

import httpx
import pytest

from api.app import create_app
from api.bootstrap import open_layer
from api.clock import SimulatedClock
from api.layer import reviewing
from api.outcomes import Refused
from api.served import Served
from api.views import Actor
from engine.events import Record

NOW = datetime.fromisoformat("2026-03-02T09:00:00+03:00")
LOCAL = Actor(id="local", roles=frozenset({"admin"}), channel="cli")
FILES = {
    "config/app.yaml": "format: 1\ncompany: Acme\ntimezone: Europe/Istanbul\n",
    "config/model.yaml": "format: 1\nextends: base\nentities: {}\n",
    "config/sources.yaml": """format: 1
sources:
  erp: {connector: webhook, streams: {customers: {}}}
  crm: {connector: webhook, streams: {accounts: {}}}
""",
} | {
    f"mappings/{source}.yaml": f"""format: 1
source: {source}
streams:
  {stream}:
    - entity: customer
      id: id
      keys: {{tax_id: tax, email: email}}
      fields: {{name: name, city: city, email: email, phone: phone}}
"""
    for source, stream in (("erp", "customers"), ("crm", "accounts"))
}
GUNES = {"id": "C1", "name": "Güneşler İnşaat A.Ş.", "city": "Ankara", "phone": "0312 444 55 66"}


@pytest.fixture
def home(tmp_path):
    for file, text in FILES.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text.replace("connector: webhook", "connector: files, path: ."))
    return tmp_path


def opened(home):
    return open_layer(home, SimulatedClock(NOW))


async def tell(layer, source, **data):
    stream = {"erp": "customers", "crm": "accounts"}[source]
    empty = dict.fromkeys(("tax", "email", "phone", "city", "name"))
    [taken] = await layer.ingest([Record(source=source, stream=stream, key=data["id"], data=empty | data)])
    assert taken.status == "accepted", taken


async def records(layer, id):
    found = await layer.entity("customer", id)
    return found and {key for key in found.keys if key.count("/") == 2}


async def test_a_pair_beyond_doubt_is_one_customer(home):
    async with opened(home) as layer:
        await tell(layer, "erp", **GUNES, email="ayse@gunesler.com.tr")
        await tell(
            layer,
            "crm",
            id="A7",
            name="GUNESLER INSAAT",
            city="ANKARA",
            email="mehmet@gunesler.com.tr",
            phone="0312-444-5566",
        )
        assert await records(layer, "C1") == {"erp/customers/C1", "crm/accounts/A7"}
        assert (await layer.reviews()).shown == ()


async def test_a_shared_mailbox_merges_nobody_and_asks(home):
    async with opened(home) as layer:
        await tell(layer, "erp", **GUNES, email="muhasebe@gunesler.com.tr")
        await tell(
            layer, "crm", id="A7", name="Güneşler Lojistik A.Ş.", city="Ankara", email="muhasebe@gunesler.com.tr"
        )
        assert await records(layer, "C1") == {"erp/customers/C1"}
        [review] = (await layer.reviews()).shown
        assert {review.left.id, review.right.id} == {"C1", "A7"}
        assert any(line.what == "trade" and line.contradicts for line in review.evidence)


async def test_a_persons_word_is_asked_once_and_survives_a_restart(home):
    async with opened(home) as layer:
        await tell(layer, "erp", **GUNES)
        await tell(layer, "crm", id="A7", name="Güneşler Lojistik", city="Ankara", phone="0312 444 55 66")
        assert (await layer.reviews()).total == 1
        assert await layer.keep_apart("customer", "C1", "A7", LOCAL, "sisters") is None
    async with opened(home) as layer:
        assert (await layer.reviews()).shown == ()
        await tell(layer, "crm", id="A7", name="Güneşler Lojistik Ltd.", city="Ankara", phone="0312 444 55 66")
        assert (await layer.reviews()).shown == ()


async def test_a_merge_survives_a_restart_and_is_undone_with_its_records(home):
    async with opened(home) as layer:
        await tell(layer, "erp", **GUNES)
        await tell(layer, "crm", id="A7", name="Ganz Anders GmbH", city="Berlin")
        merged = await layer.merge("customer", "C1", "A7", LOCAL, "their letter says so")
        assert merged.records == ("crm/accounts/A7",)
    async with opened(home) as layer:
        assert await records(layer, "C1") == {"erp/customers/C1", "crm/accounts/A7"}
        undone = await layer.split("customer", "C1", "A7", LOCAL)
        assert undone.records == ("crm/accounts/A7",)
        assert await records(layer, "C1") == {"erp/customers/C1"}
        assert (await layer.entity("customer", "A7")).fields["city"].value == "Berlin"
    async with opened(home) as layer:
        assert await records(layer, "A7") == {"crm/accounts/A7"}
        assert (await layer.verify()).problems == ()


async def test_what_was_split_is_not_merged_again(home):
    async with opened(home) as layer:
        await tell(layer, "erp", **GUNES, email="ayse@gunesler.com.tr")
        twin = {"id": "A7", "name": "GUNESLER INSAAT", "city": "Ankara", "phone": "0312 444 55 66"}
        await tell(layer, "crm", **twin)
        assert await records(layer, "C1") == {"erp/customers/C1", "crm/accounts/A7"}
        await layer.split("customer", "A7", "C1", LOCAL, ("erp/customers/C1",))
        await tell(layer, "crm", **twin | {"city": "ANKARA"})
        assert await records(layer, "C1") == {"erp/customers/C1"}


async def test_what_cannot_be_is_refused(home):
    async with opened(home) as layer:
        await tell(layer, "erp", **GUNES)
        assert isinstance(await layer.merge("customer", "C1", "C9", LOCAL), Refused)
        assert isinstance(await layer.merge("customer", "C1", "C1", LOCAL), Refused)
        assert isinstance(await layer.split("customer", "C1", "C9", LOCAL), Refused)
        assert isinstance(await layer.split("customer", "C1", "C9", LOCAL, ("erp/customers/C1",)), Refused)


async def test_over_http(home):
    async with opened(home) as layer:
        await tell(layer, "erp", **GUNES)
        await tell(layer, "crm", id="A7", name="Güneşler Lojistik", city="Ankara", phone="0312 444 55 66")
        key = await layer.create_key("op", "operator", LOCAL)
        transport = httpx.ASGITransport(create_app(Served(layer)))
        headers = {"Authorization": f"Bearer {key.secret}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://t/api/v1", headers=headers) as http:
            [review] = (await http.get("/identity/reviews")).json()["items"]
            assert next(line["what"] for line in review["evidence"]) == "name"
            unknown = await http.post("/identity/merge", json={"id": "C1", "other": "C9"})
            assert (unknown.status_code, unknown.json()["title"] != "") == (404, True)
            merged = await http.post("/identity/merge", json={"id": "C1", "other": "A7", "reason": "asked them"})
            assert (merged.status_code, merged.json()["records"]) == (200, ["crm/accounts/A7"])
            assert (await http.post("/identity/split", json={"id": "C1", "other": "A7"})).status_code == 200
            assert (await http.post("/identity/apart", json={"id": "C1", "other": "A7"})).json()["state"] == "different"
            assert (await http.get("/identity/reviews")).json()["items"] == []


async def test_only_what_is_shown_is_compared_and_what_is_open_comes_first(home, monkeypatch):
    async with opened(home) as layer:
        for number in range(3):
            await tell(layer, "erp", **GUNES | {"id": f"C{number}", "phone": f"0312 444 55 6{number}"})
        total = (await layer.reviews()).total
        assert total == 3
        compared = []
        monkeypatch.setattr(reviewing, "compared", lambda _model, *two: compared.append(two))
        page = await layer.reviews(1, 1)
        assert (len(page.shown), page.total, len(compared)) == (1, 3, 1)
        kept = await layer.reviews(evidence=False)
        assert len(compared) == 1
        assert all(each.bits > 0 and not each.evidence and not each.busy for each in kept.shown)
        last = kept.shown[-1].left.id

        async def lines(_rulesets):
            return [SimpleNamespace(root=f"customer:{last}", state="pending")]

        monkeypatch.setattr(layer, "lines", lines)
        first = (await layer.reviews(evidence=False)).shown[0]
        assert first.busy
        assert last in (first.left.id, first.right.id)


async def test_the_pairs_are_told_in_parts(home):
    async with opened(home) as layer:
        for number in range(3):
            await tell(layer, "erp", **GUNES | {"id": f"C{number}", "phone": f"0312 444 55 6{number}"})
        key = await layer.create_key("bot", "viewer", LOCAL)
        told, after = [], 0
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(create_app(Served(layer))), base_url="http://x/api/v1",
            headers={"Authorization": f"Bearer {key.secret}"},
        ) as http:  # fmt: skip
            while after is not None:
                page = (await http.get("/identity/reviews", params={"limit": 2, "after": after})).json()
                told += [(each["left"]["id"], each["right"]["id"]) for each in page["items"]]
                after = page["next"]
        assert len(told) == len(set(told)) == 3


async def test_looking_at_pairs_reads_no_other_party(home):
    async with opened(home) as layer:
        await tell(layer, "erp", **GUNES)
        await tell(layer, "crm", id="A7", name="Güneşler Lojistik", city="Ankara", phone="0312 444 55 66")
        await layer.resolve()
    async with opened(home) as layer:
        resolver = layer.parts.pipeline.resolver
        resolver.follow = None  # who calls it learns all parties, which takes seconds with many
        [review] = (await layer.reviews()).shown
        assert review.evidence
        assert await layer.keep_apart("customer", "C1", "A7", LOCAL) is None
        assert (await layer.reviews()).shown == ()


class TestWithoutEvidence:
    """A model that says of nobody what tells two apart: then a mailbox joins systems, and never what one keeps apart."""

    @pytest.fixture
    def home(self, home):
        (home / "config/model.yaml").write_text(
            "format: 1\nentities:\n  customer:\n    label: name\n    fields:\n"
            "      name: text\n      city: text\n      email: text\n      phone: text\n"
        )
        return home

    async def test_two_records_of_one_system_with_one_mailbox_stay_two(self, home):
        async with opened(home) as layer:
            await tell(layer, "erp", id="G/1", name="Alpha Ltd", email="books@group.example")
            await tell(layer, "erp", id="G/2", name="Beta Ltd", email="books@group.example")
            first, second = await layer.entity("customer", "G/1"), await layer.entity("customer", "G/2")
        assert (first.fields["name"].value, second.fields["name"].value) == ("Alpha Ltd", "Beta Ltd")

    async def test_the_records_of_two_systems_are_one(self, home):
        async with opened(home) as layer:
            await tell(layer, "erp", id="C1", name="Alpha Ltd", email="books@alpha.example")
            await tell(layer, "crm", id="A7", name="Alpha Limited", email="books@alpha.example")
            assert await records(layer, "C1") == {"erp/customers/C1", "crm/accounts/A7"}

    async def test_a_tax_number_joins_what_one_system_keeps_twice(self, home):
        async with opened(home) as layer:
            await tell(layer, "erp", id="C1", name="Alpha Ltd", tax="1234567890")
            await tell(layer, "erp", id="C2", name="Alpha Ltd", tax="1234567890")
            assert await records(layer, "C1") == {"erp/customers/C1", "erp/customers/C2"}
