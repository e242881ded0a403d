"""One invoice on its way through every stage, between real systems: each arrow of the flow, seen from outside."""

import asyncio
import json
import os
import signal
import sqlite3
import sys
from contextlib import asynccontextmanager, closing
from datetime import date, datetime
from email import message_from_bytes, policy
from types import SimpleNamespace

import httpx
import pytest

from api.demo import erp
from api.demo.changes import ZONE, ErpRow, Letter
from api.demo.crm_store import CrmStore
from api.demo.mailbox import Maildir, rendered
from api.demo.start import start
from api.shipped import copy_home
from connectors.mail.marks import message_id

OPSLAYER = [sys.executable, "-c", "from api.cli import main; main()"]
CODE, ACCOUNT, NUMBER = "120.01.0001", "A0001", "FTR2025000017"
BATCH = {"content-type": "application/cloudevents-batch+json"}


@pytest.fixture
async def company(tmp_path):
    """The example company's home, and its ERP, CRM and mail server with one customer in them."""
    copy_home(tmp_path / "home")
    out = tmp_path / "systems"
    out.mkdir()
    engine = erp.connect(f"sqlite:///{out / 'erp.db'}")
    at = datetime(2026, 1, 2, 9, tzinfo=ZONE)
    card = {
        "ACTIVE": 0, "CODE": CODE, "DEFINITION_": "Karadeniz Beton A.Ş.", "TAXNR": "1234567890",
        "EMAILADDR": "muhasebe@karadeniz.example", "CITY": "Trabzon", "CCURRENCY": 160, "RISKLIMIT": 50000.0,
    }  # fmt: skip
    with engine.begin() as connection:
        erp.apply(connection, [ErpRow(at=at, table="LG_001_CLCARD", ref=1, values=card)], at)
    engine.dispose()
    crm = CrmStore(out / "crm.db")
    crm.set_now(at)
    crm.add("owners", {"name": "Ayşe Kaya", "email": "ayse@anadolu-yapi.example"}, id="ayse")
    account = {"name": "Karadeniz", "owner_id": "ayse", "language": "en", "erp_code": None, "tax_id": "123 456 7890"}
    crm.add("accounts", account | {"email": None}, id=ACCOUNT)
    crm.close()
    systems = await start(out, "a-token")
    environment = os.environ | systems.environment | {"OPSLAYER_SECRET_KEY": "k" * 32}
    yield SimpleNamespace(home=tmp_path / "home", out=out, environment=environment)
    await systems.stop()


async def opslayer(company, *arguments):
    made = await asyncio.create_subprocess_exec(
        *OPSLAYER, "--home", str(company.home), *arguments,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=company.environment,
    )  # fmt: skip
    out, err = await made.communicate()
    assert made.returncode == 0, err.decode()
    return out.decode().strip()


@asynccontextmanager
async def serving(company, at):
    process = await asyncio.create_subprocess_exec(
        *OPSLAYER, "--home", str(company.home), "--json", "serve", "--port", "0", "--clock", "simulated", "--at", at,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=company.environment,
    )  # fmt: skip
    try:
        yield json.loads(await asyncio.wait_for(process.stdout.readuntil(b"}"), 60))["url"]
    finally:
        process.send_signal(signal.SIGTERM)
        _, err = await asyncio.wait_for(process.communicate(), 30)
        assert b"Traceback" not in err


class Outside:
    """A program that knows the contract only."""

    def __init__(self, http, admin, operator):
        self.http, self.admin, self.operator = http, admin, operator

    async def get(self, path):
        answer = await self.http.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {self.admin}"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path, key, **more):
        return await self.http.post(
            f"/api/v1{path}", headers={"Authorization": f"Bearer {key}"} | more.pop("headers", {}), **more
        )

    async def clock(self, to):
        assert (await self.post("/clock", self.admin, json={"advance_to": to})).status_code == 200

    async def actions(self, operation):
        found = (await self.get(f"/actions?subject=customer:{CODE}"))["items"]
        return [each for each in found if each["operation"] == operation]


@pytest.fixture
async def outside(company):
    admin = await opslayer(company, "keys", "create", "--role", "admin", "--name", "admin")
    operator = await opslayer(company, "keys", "create", "--role", "operator", "--name", "op")
    async with (
        serving(company, "2026-01-05T08:00:00+03:00") as url,
        httpx.AsyncClient(base_url=url, timeout=60) as http,
    ):
        yield Outside(http, admin, operator)


def invoice(due):
    data = {
        "LOGICALREF": 17, "FICHENO": NUMBER, "TRCODE": 8, "CLIENTREF": 1, "DATE_": "2025-12-01", "DUEDATE": due,
        "TRCURR": 160, "TRNET": 12500.5, "SPECODE": "", "CANCELLED": 0, "CAPIBLOCK_MODIFIEDDATE": "2025-12-01T10:00:00",
    }  # fmt: skip
    return {
        "specversion": "1.0", "id": "e1", "source": "erp", "type": "record.changed", "subject": "invoices/17",
        "data": data,
    }  # fmt: skip


def tasks(company, kind):
    with closing(sqlite3.connect(company.out / "crm.db")) as crm:
        bodies = [json.loads(body) for (body,) in crm.execute("SELECT body FROM document WHERE kind = 'tasks'")]
    return [body for body in bodies if body["kind"] == kind]


async def record_in(outside):
    await outside.clock("2026-01-05T08:30:00+03:00")  # the ERP and the CRM have told who the customer is
    assert not (await outside.get("/decisions"))["items"]
    taken = await outside.post("/events", outside.operator, content=json.dumps([invoice("2025-12-20")]), headers=BATCH)
    assert (taken.status_code, taken.json()) == (202, {"accepted": 1, "duplicates": 0, "rejected": []})
    await outside.clock("2026-01-05T09:00:00+03:00")


async def entity(outside):
    view = await outside.get(f"/customers/{CODE}")
    fields = view["customer"]["fields"]
    assert fields["name"]["value"] == "Karadeniz Beton A.Ş."
    assert {each["record"] for each in fields["name"]["sources"]} == {"erp/customers/1", f"crm/accounts/{ACCOUNT}"}
    assert [each["id"] for each in view["related"]["invoices"]] == [NUMBER]
    assert fields["balance"]["value"] == {"amount": "12500.50", "currency": "TRY"}


async def decision(outside):
    decisions = (await outside.get(f"/decisions?subject=customer:{CODE}"))["items"]
    found = {(each["key"]["rule"], each["kind"]) for each in decisions}
    assert found == {("overdue_account", "propose"), ("first_reminder", "propose")}
    reminder = next(each for each in decisions if each["key"]["rule"] == "first_reminder")
    proof = json.dumps((await outside.get(f"/decisions/{reminder['id']}"))["proof"])
    assert "erp/invoices/17" in proof
    assert "2025-12-20" in proof


async def task_in_the_crm(company, outside):
    (task,) = await outside.actions("crm.create_task")
    (written,) = tasks(company, "follow_up")
    assert task["state"] == "sent"
    assert (written["external_id"], written["assignee"], written["customer"]) == (task["id"], "ayse", ACCOUNT)
    assert "12500.5" in json.dumps(written["context"]["balance"])
    assert written["context"]["overdue_invoices"] == [NUMBER]
    assert written["context"]["reconciliation_status"] == "all payments matched"
    assert written["text"]


async def draft(outside):
    (mail,) = await outside.actions("mail.send")
    assert (mail["state"], mail["consequence"]) == ("pending", "medium")
    assert mail["payload"]["to"] == "muhasebe@karadeniz.example"
    assert mail["draft"]["origin"] == "template"
    assert NUMBER in mail["draft"]["text"]
    assert "12,500.50" in mail["draft"]["text"]
    return mail


async def approval(company, outside, mail):
    verdict = {"verdict": "approve", "digest": mail["digest"]}
    decided = await outside.post(f"/actions/{mail['id']}/verdict", outside.operator, json=verdict)
    assert (decided.status_code, decided.json()["state"]) == (200, "scheduled")
    assert not list(Maildir(company.out / "mail" / "customers").files())


async def delivery_and_receipt(company, outside, mail):
    await outside.clock("2026-01-05T09:10:00+03:00")
    (path,) = Maildir(company.out / "mail" / "customers").files()
    delivered = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert str(delivered["Message-ID"]).strip("<>") == message_id(mail["id"], "anadolu-yapi.example")
    assert str(delivered["To"]) == "muhasebe@karadeniz.example"
    assert NUMBER in delivered.get_content()
    sent = await outside.get(f"/actions/{mail['id']}")
    assert [each["state"] for each in sent["history"]][-3:] == ["approved", "sending", "sent"]
    return delivered


async def reply(company, outside, delivered):
    letter = Letter(
        at=datetime(2026, 1, 6, 10, tzinfo=ZONE), id="R1", sender="muhasebe@karadeniz.example", name="Muhasebe",
        subject=f"Re: {delivered['Subject']}", text=f"{NUMBER}: We will pay on 2026-01-08.",
        in_reply_to=str(delivered["Message-ID"]),
    )  # fmt: skip
    Maildir(company.out / "mail" / "inbox").deliver("1.R1.letter", rendered(letter))
    await outside.clock("2026-01-06T12:00:00+03:00")
    view = await outside.get(f"/customers/{CODE}")
    (message,) = view["related"]["messages"]
    assert message["fields"]["invoice"]["value"] == NUMBER
    assert view["customer"]["fields"]["promised_on"]["value"] == "2026-01-08"


async def seen_by_the_rules(company, outside):
    """The promise is broken by time alone, with no event from anywhere."""
    await outside.clock("2026-01-12T09:00:00+03:00")
    (talk,) = tasks(company, "conversation")
    assert "broken promise" in talk["title"]
    call = (await outside.get(f"/decisions?rule=talk&subject=customer:{CODE}"))["items"][0]
    assert date(2026, 1, 11) <= datetime.fromisoformat(call["at"]).date() <= date(2026, 1, 12)
    assert "R1@karadeniz.example" in json.dumps((await outside.get(f"/decisions/{call['id']}"))["proof"])


async def test_from_a_row_in_the_erp_to_a_reply_that_the_rules_have_seen(company, outside):
    await record_in(outside)
    await entity(outside)
    await decision(outside)
    await task_in_the_crm(company, outside)
    mail = await draft(outside)
    await approval(company, outside, mail)
    delivered = await delivery_and_receipt(company, outside, mail)
    await reply(company, outside, delivered)
    await seen_by_the_rules(company, outside)


async def test_all_of_it_is_remembered_and_explained(company, outside):
    await record_in(outside)
    (mail,) = await outside.actions("mail.send")
    told = json.loads(await opslayer(company, "--json", "timeline", f"customer:{CODE}"))
    kinds = [each["kind"] for each in told]
    assert kinds.index("record") < kinds.index("decision") < kinds.index("action") < kinds.index("receipt")
    why = await opslayer(company, "explain", mail["id"])
    assert NUMBER in why
    assert "erp" in why
    not_yet = await opslayer(company, "explain", "--why-not", "collections/second_reminder", f"customer:{CODE}")
    assert "P21D" in not_yet
    assert json.loads(await opslayer(company, "--json", "verify"))["ok"]
