import asyncio
from email import message_from_bytes, policy
from email.message import EmailMessage

import aiosmtplib
import httpx
import pytest

from api.demo.crm_store import CrmStore
from api.demo.mailbox import Maildir
from api.demo.start import TOKEN, start

TOKEN_VALUE = "a-token"


@pytest.fixture
async def systems(tmp_path):
    running = await start(tmp_path, TOKEN_VALUE, "--refuse", "gone@customer.example")
    yield running
    await running.stop()


@pytest.fixture
async def crm(systems):
    address, token = systems.environment["OPSLAYER_CRM_URL"], systems.environment[TOKEN]
    async with httpx.AsyncClient(base_url=address, headers={"Authorization": f"Bearer {token}"}) as client:
        yield client


async def send(systems, to):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "accounts@anadolu-yapi.example", to, "Ödeme günü"
    mail.set_content("Merhaba")
    return await aiosmtplib.send(mail, hostname="127.0.0.1", port=int(systems.environment["OPSLAYER_SMTP_PORT"]))


async def test_no_token_no_answer(systems, crm):
    async with httpx.AsyncClient(base_url=crm.base_url) as stranger:
        assert (await stranger.get("/accounts")).status_code == 401


async def test_pages_follow_each_other_in_order_of_change_and_lose_nothing(crm, tmp_path):
    store = CrmStore(tmp_path / "crm.db")
    for n in range(7):
        store.add("notes", {"text": str(n)}, id=f"N{n}", at=f"2026-01-0{1 + n % 3}T08:00:00Z")
    store.close()
    seen, after = [], ""
    while after is not None:
        page = (await crm.get("/notes", params={"limit": 2, "after": after})).json()
        seen += [item["id"] for item in page["items"]]
        after = page["next"]
    assert seen == ["N0", "N3", "N6", "N1", "N4", "N2", "N5"]
    later = (await crm.get("/notes", params={"modified_since": "2026-01-03T00:00:00Z"})).json()["items"]
    assert [item["id"] for item in later] == ["N2", "N5"]


async def test_a_task_posted_twice_is_two_tasks_and_both_are_found_by_the_key(crm):
    task = {"title": "Call", "assignee": "ayse", "external_id": "k1"}
    first, second = await crm.post("/tasks", json=task), await crm.post("/tasks", json=task)
    assert first.json()["id"] != second.json()["id"]
    found = (await crm.get("/tasks", params={"external_id": "k1"})).json()["items"]
    assert [item["external_id"] for item in found] == ["k1", "k1"]


async def test_the_idempotency_key_in_the_header_is_kept_as_external_id(crm):
    task = {"title": "Call", "assignee": "ayse"}
    assert (await crm.post("/tasks", json=task, headers={"Idempotency-Key": "k2"})).json()["external_id"] == "k2"


async def test_a_task_without_a_title_is_refused(crm):
    assert (await crm.post("/tasks", json={"assignee": "ayse"})).status_code == 422


async def test_changing_needs_the_version_that_was_read(crm):
    created = await crm.post("/tasks", json={"title": "Call", "assignee": "ayse"})
    address, tag = f"/tasks/{created.json()['id']}", created.headers["ETag"]
    assert (await crm.patch(address, json={"status": "done"})).status_code == 428
    changed = await crm.patch(address, json={"status": "done"}, headers={"If-Match": tag})
    assert changed.json()["status"] == "done"
    assert (await crm.patch(address, json={"status": "open"}, headers={"If-Match": tag})).status_code == 412
    assert (await crm.get(address)).headers["ETag"] == changed.headers["ETag"] != tag


async def test_a_server_that_dedupes_answers_with_the_first_task(tmp_path):
    running = await start(tmp_path, TOKEN_VALUE, "--dedupes")
    async with httpx.AsyncClient(
        base_url=running.environment["OPSLAYER_CRM_URL"], headers={"Authorization": f"Bearer {TOKEN_VALUE}"}
    ) as client:
        task = {"title": "Call", "assignee": "ayse", "external_id": "k1"}
        ids = {(await client.post("/tasks", json=task)).json()["id"] for _ in range(2)}
    await running.stop()
    assert len(ids) == 1


async def test_accepted_mail_is_in_the_customers_box_with_the_time_of_delivery(systems, tmp_path):
    await send(systems, "muhasebe@musteri.example")
    (path,) = Maildir(tmp_path / "mail" / "customers").files()
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert mail["Delivered-To"] == "muhasebe@musteri.example"
    assert mail["X-Delivered-At"]
    assert mail["Subject"] == "Ödeme günü"


async def test_mail_to_colleagues_and_to_the_company_goes_to_other_boxes(systems, tmp_path):
    await send(systems, "ayse@anadolu-yapi.example")
    await send(systems, "accounts@anadolu-yapi.example")
    counts = {box: len(list(Maildir(tmp_path / "mail" / box).files())) for box in ("customers", "staff", "inbox")}
    assert counts == {"customers": 0, "staff": 1, "inbox": 1}


async def test_a_refused_recipient_is_refused_by_name(systems):
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
        await send(systems, "gone@customer.example")


async def test_the_systems_end_when_who_started_them_is_gone(tmp_path):
    running = await start(tmp_path, TOKEN_VALUE)
    running.process.stdin.close()
    assert await asyncio.wait_for(running.process.wait(), 10) == 0
