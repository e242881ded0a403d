"""Doubtful pairs wait for a person; merges are journalled, survive a restart, and can be undone."""

from datetime import datetime

import httpx
import pytest

from api.app import create_app
from api.bootstrap import open_layer
from api.clock import SimulatedClock
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
        assert await layer.reviews() == ()


async def test_a_shared_mailbox_merges_nobody_and_asks(home):
    async with opened(home) as layer:
        await tell(layer, "erp", **GUNES, email="muhasebe@gunesler.com.tr")
        await tell(
            layer, "crm", id="A7", name="Güneşler Lojistik A.Ş.", city="Ankara", email="muhasebe@gunesler.com.tr"
        )
        assert await records(layer, "C1") == {"erp/customers/C1"}
        [review] = await layer.reviews()
        assert {review.left.id, review.right.id} == {"C1", "A7"}
        assert any(line.what == "trade" and line.contradicts for line in review.evidence)


async def test_a_persons_word_is_asked_once_and_survives_a_restart(home):
    async with opened(home) as layer:
        await tell(layer, "erp", **GUNES)
        await tell(layer, "crm", id="A7", name="Güneşler Lojistik", city="Ankara", phone="0312 444 55 66")
        assert len(await layer.reviews()) == 1
        assert await layer.keep_apart("customer", "C1", "A7", LOCAL, "sisters") is None
    async with opened(home) as layer:
        assert await layer.reviews() == ()
        await tell(layer, "crm", id="A7", name="Güneşler Lojistik Ltd.", city="Ankara", phone="0312 444 55 66")
        assert await layer.reviews() == ()


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
