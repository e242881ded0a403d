"""A home folder of its own for the real layer: pushed customers, a CRM over HTTP, mail over SMTP, three policies."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from api.app import create_app
from api.bootstrap import open_layer
from api.clock import SimulatedClock
from api.layer import OpsLayer
from api.served import Served
from api.views import Actor, NewKey
from approvals.results import DecideResult
from engine.events import Action, Record, Verdict
from engine.ports import Clock
from tests.approvals.peer import Peer

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
"""Runs a test of the company on each kind of database."""
WHO = Actor(id="ayse", roles=frozenset({"operator"}), channel="api")

APP = """
format: 1
company: Anadolu
timezone: Europe/Istanbul
language: en
currency: EUR
journal: {anchor: .opslayer/anchor.log, anchor_every: 1}
"""
MODEL = """
format: 1
entities:
  customer:
    root: customer
    label: name
    fields:
      name: text
      email: text
      city: text
      status: text
      owner: text
      owed: {type: money, currency: EUR}
  invoice:
    root: customer
    label: number
    fields:
      number: text
      customer: {ref: customer, inverse: invoices}
      status: text
"""
SOURCES = """
format: 1
sources:
  erp:
    connector: files
    path: data
    streams:
      customers: {{format: csv, key: id}}
      invoices: {{format: csv, key: id}}
  crm:
    connector: http
    url: {crm}
    write: true
    operations:
      create_task:
        method: POST
        path: /tasks
        key_header: Idempotency-Key
        idempotency: probe
        probe: {{path: /tasks, param: key, items: items}}
        consequence: low
        leaves_company: false
        fields: {{assignee: true, title: true, owed: false, text: false}}
        editable: [text]
        body: text
        reference: id
      close_account:
        method: POST
        path: /closed
        key_header: Idempotency-Key
        idempotency: native_key
        consequence: high
        leaves_company: false
        fields: {{customer: true}}
        reference: id
  mail:
    connector: mail
    smtp: {{host: 127.0.0.1, port: {smtp}, from: accounts@anadolu.example}}
    write: true
    streams: {{}}
"""
MAPPING = """
format: 1
source: erp
streams:
  customers:
    - entity: customer
      id: id
      fields: {name: name, email: email, city: city, status: status, owner: owner, owed: owed}
  invoices:
    - entity: invoice
      id: id
      fields:
        number: id
        customer: {key: customer, stream: customers}
        status: status
"""
RULES = """
format: 1
owner: zeynep
rules:
  - id: late
    for: customer
    when: status = "late"
    because: It is late.
    do:
      - id: task
        operation: crm.create_task
        with: {assignee: owner, title: '"Call " + name', owed: owed}
        draft: prompts/task.md
        autonomy: tasks
  - id: due
    for: customer
    when: status = "due"
    because: It is due.
    do:
      - id: letter
        operation: mail.send
        with: {to: email}
        draft: prompts/letter.md
        autonomy: letters
  - id: fraud
    for: customer
    when: status = "fraud"
    because: It is fraud.
    do:
      - id: close
        operation: crm.close_account
        with: {customer: id}
        autonomy: letters
  - id: invoice_due
    for: invoice
    when: status = "due"
    because: An invoice is due.
    do:
      - id: letter
        operation: mail.send
        with: {to: customer.email}
        draft: prompts/invoice.md
        autonomy: invoices
        group: letters
"""
TASK = """---
format: 1
slots: {customer: name, owed: owed}
---
## instructions
Say whom to call.
## template en
Please call {customer} about the open {owed} this week.
"""
LETTER = """---
format: 1
slots: {customer: name, owed: owed}
forbidden: [lawsuit]
subject: A reminder for {customer}
---
## instructions
Remind.
## template en
Dear {customer}, please pay the open {owed} when you can. Thank you.
"""
INVOICE = """---
format: 1
slots: {customer: customer.name, invoice: number}
subject: Invoice {invoice}
---
## instructions
Remind.
## template en
Dear {customer}, please pay the invoice {invoice} when you can. Thank you.
"""
POLICIES = """
format: 1
policies:
  tasks: {approval: never, internal_only: true}
  letters: {approval: always, expires: P7D}
  invoices: {approval: always, expires: P7D}
default: letters
"""
PEOPLE = """
format: 1
people:
  - {id: ayse, name: Ayşe Kaya, email: ayse@anadolu.example, roles: [operator], delegate: mehmet}
  - {id: mehmet, name: Mehmet Demir, email: mehmet@anadolu.example, roles: [operator], delegate: ayse}
  - {id: zeynep, name: Zeynep Şahin, email: zeynep@anadolu.example, roles: [operator, analyst]}
  - {id: elif, name: Elif Aydin, email: elif@anadolu.example, roles: [admin]}
"""


def write_company(folder: Path, crm: str, smtp: int, **files: str) -> Path:
    """Write the home folder; `files` replaces the text of `policies`, `people` or `rules`."""
    texts = {
        "config/app.yaml": APP,
        "config/model.yaml": MODEL,
        "config/sources.yaml": SOURCES.format(crm=crm, smtp=smtp),
        "config/autonomy.yaml": files.get("policies", POLICIES),
        "config/people.yaml": files.get("people", PEOPLE),
        "mappings/erp.yaml": MAPPING,
        "rules/dunning/ruleset.yaml": files.get("rules", RULES),
        "rules/dunning/prompts/task.md": TASK,
        "rules/dunning/prompts/letter.md": LETTER,
        "rules/dunning/prompts/invoice.md": INVOICE,
    }
    for name, text in texts.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.lstrip(), encoding="utf-8")
    return folder


class Mailbox:
    """What an SMTP server of the tests took, in order; `cut` ends the line before the answer."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refused: set[str] = set()
        self.cut = False

    async def handle_RCPT(  # noqa: N802  (aiosmtpd)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  (aiosmtpd)
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        mail = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        if self.cut and server.transport is not None:
            server.transport.abort()
        return "250 kept"

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["To"] == address]


@asynccontextmanager
async def post_office(box: Mailbox) -> AsyncIterator[int]:
    """Serve SMTP into a mailbox on a free port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, loop=loop), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


class Company:
    """The peers, the home folder and the clock; `open` opens the layer over them, any number of times."""

    def __init__(self, folder: Path, crm: Peer, box: Mailbox, smtp: int, **files: str) -> None:
        self.crm = crm
        self.box = box
        self.clock: Clock = SimulatedClock(START)
        self.home = write_company(folder, crm.url, smtp, **files)
        self.layer: OpsLayer

    @asynccontextmanager
    async def open(self) -> AsyncIterator[OpsLayer]:
        async with open_layer(self.home, self.clock) as layer:
            self.layer = layer
            yield layer

    def advance(self, **by: float) -> None:
        assert isinstance(self.clock, SimulatedClock)
        self.clock.advance(self.clock.now() + timedelta(**by))

    async def tell(self, id: str = "C1", stream: str = "customers", **data: Any) -> None:
        """Push what the ERP says of a customer."""
        known: Mapping[str, Any] = {
            "id": id, "name": f"Acme {id}", "email": f"info@{id.lower()}.example", "city": "Izmir", "owner": "ayse",
            "owed": 100, "status": "",
        }  # fmt: skip
        record = Record(
            source="erp", stream=stream, key=id, data={**(known if stream == "customers" else {"id": id}), **data}
        )
        [taken] = await self.layer.ingest([record])
        assert taken.status == "accepted", taken
        await self.layer.prepare()

    async def only(self, rule: str = "", state: str = "") -> Action:
        """Return the one action of a rule."""
        [found] = [each for each in await self.layer.actions(state=state) if rule in ("", each.key.rule)]
        return found

    async def decide(self, action: Action, verdict: str, who: Actor = WHO, key: str = "", **more: Any) -> DecideResult:
        said: dict[str, Any] = {"digest": action.digest, "by": who.id, "channel": "api", "at": self.clock.now()} | more
        return await self.layer.decide(Verdict(action=action.id, verdict=verdict, **said), who, key)

    @asynccontextmanager
    async def http(self, person: str = "ayse") -> AsyncIterator[httpx.AsyncClient]:
        """Call the HTTP API of the open layer with a person's key."""
        admin = Actor(id="local", roles=frozenset({"admin"}), channel="cli")
        made = await self.layer.create_key(f"{person}'s", None, admin, person=person)
        assert isinstance(made, NewKey)
        transport = httpx.ASGITransport(create_app(Served(self.layer)))
        headers = {"Authorization": f"Bearer {made.secret}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://opslayer.test", headers=headers) as client:
            yield client

    async def rest(self) -> None:
        """Dispatch until nothing moves."""
        await self.layer.rest()
