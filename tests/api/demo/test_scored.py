"""The shipped rules against the truth of the generator, with the real engine, mappings and connectors of files on disk."""

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from api.demo.crm_store import CrmStore
from api.demo.mailbox import Maildir
from api.demo.operator import Operator, Waiting
from api.demo.world import World
from approvals.reading.taking import by_patterns
from connectors.registry import open_connector
from connectors.settings import Surroundings
from engine.events import ActionChange, Record, Watermark
from engine.identity import identify
from engine.inference.clock import HeldClock
from engine.inference.rulebook import Rulebook
from engine.inference.session import Session
from engine.mapping import compile_mapping
from engine.rules import load_home
from engine.settings.values import resolved

HOME = Path(__file__).parents[3]
ZONE = ZoneInfo("Europe/Istanbul")


class Layer:
    """The rules over the sample company, without journal, inbox and outbox: tasks happen, mails ask the operator."""

    def __init__(self, out, seed):
        self.out, self.world, self.operator = out, World(out, seed), Operator(seed)
        self.world.begin()
        home = load_home(HOME).sound()
        self.clock = HeldClock(self.world.steps[0])
        self.session = Session(Rulebook.of(home), self.clock)
        environ = {
            "OPSLAYER_ERP_URL": f"sqlite:///{out / 'erp.db'}",
            "OPSLAYER_MAILDIR": str(out / "mail" / "inbox"),
            "OPSLAYER_SMTP_PORT": "25",
        }
        surroundings = Surroundings(HOME, self.clock, ZONE)
        self.readers = {
            name: open_connector(name, resolved(home.sources.sources[name].options, environ), surroundings)
            for name in ("erp", "mail")
        }
        self.mappers = {
            name: compile_mapping(mapping, home.model, home.sources.sources[name], zone=ZONE, currency="TRY")
            for name, mapping in home.mappings.items()
        }
        self.steps = [(name, step) for name, ruleset in home.rulesets.items() for step in ruleset.read]
        self.crm = CrmStore(out / "crm.db")
        self.cursors, self.told, self.waiting, self.done, self.tasks = {}, {}, {}, [], []

    async def play(self):
        await self.sync(first=True)
        for at in self.world.steps:
            self.clock.set(at)
            self.world.advance_to(at)
            self.take(self.session.advance(at))
            await self.sync(first=False)
            self.operate(at)

    async def sync(self, *, first):
        for name, reader in self.readers.items():
            watermarks = []
            for stream in reader.streams:
                async for page in reader.read(stream, self.cursors.get(stream, "")):
                    self.cursors[stream] = page.cursor
                    assert not page.rejected
                    for record in page.records:
                        self.tell(record, first)
                watermarks.append(page.watermark)
            self.told_up_to(name, min(watermarks))
            if name == "erp":
                self.read_crm(first)
                self.told_up_to("crm", self.clock.now())

    def told_up_to(self, source, watermark):
        self.take(self.session.apply(Watermark(source, watermark)))

    def read_crm(self, first):
        for kind in ("owners", "notes", "tasks", "accounts", "contacts"):
            for each in self.crm.page(kind, "", self.told.get(kind, ("", "")), 100_000):
                self.told[kind] = (each.modified_at, each.id)
                self.tell(Record(source="crm", stream=kind, key=each.id, data=each.shown()), first)

    def tell(self, record, first):
        for mapped in self.mappers[record.source].map(record):
            change = identify(self.session.state, mapped)
            self.take(self.session.apply(change, first_load=first))
            self.read(change.entity, change.id, first)

    def read(self, type, id, first):
        """Let the rulesets' patterns read what a text says."""
        for ruleset, step in self.steps:
            entity = self.session.state.find(f"{type}:{id}") if step.of == type else None
            change = by_patterns(self.session, ruleset, step, entity) if entity is not None else None
            if change is not None:
                self.take(self.session.apply(change, first_load=first))

    def take(self, decisions):
        for each in decisions:
            if each.kind != "propose":
                self.waiting.pop(each.proposal, None)
            elif each.operation == "mail.send":
                self.waiting[each.proposal] = each
            else:
                self.tasks.append(each)
                self.done.append(each.proposal)

    def operate(self, at):
        for proposal, each in list(self.waiting.items()):
            mail = Waiting(id=proposal, ruleset=each.key.ruleset, rule=each.key.rule, subject=each.key.subject)
            ruling = self.operator.rule(mail, at)
            if ruling is not None:
                del self.waiting[proposal]
                if ruling.verdict == "approve":
                    self.deliver(proposal, each.inputs["to"], at)
                self.take(
                    self.session.apply(
                        ActionChange(proposal, "sent" if ruling.verdict == "approve" else "rejected", at)
                    )
                )
        while self.done:
            self.take(self.session.apply(ActionChange(self.done.pop(), "sent", at)))

    def deliver(self, proposal, to, at):
        head = f"Delivered-To: {to}\r\nX-Delivered-At: {at.isoformat()}\r\nMessage-ID: <{proposal}@x.example>\r\n"
        Maildir(self.out / "mail" / "customers").deliver(
            proposal, f"{head}Subject: Reminder\r\n\r\nPlease pay.\r\n".encode()
        )

    def close(self):
        self.world.close()
        self.crm.close()


@pytest.fixture(params=[1, 2026])
async def layer(request, tmp_path):
    found = Layer(tmp_path, request.param)
    await found.play()
    yield found
    for reader in found.readers.values():
        await reader.aclose()
    found.close()


@pytest.mark.slow
async def test_who_needs_a_conversation_is_found_and_nobody_else(layer):
    truth = json.loads((layer.out / "truth.json").read_text())["customers"]
    told = {code: layer.session.value(f"customer:{code}", "needs_conversation") for code in truth}
    overdue = {code: layer.session.value(f"customer:{code}", "overdue") for code in truth}
    assert len(layer.session.state.entities["customer"]) == len(truth), "three names, one customer"
    assert told == {code: each["needs_conversation"] for code, each in truth.items()}
    assert overdue == {code: each["overdue_on_last_day"] for code, each in truth.items()}
    tasked = {each.key.subject.partition(":")[2] for each in layer.tasks}
    assert {code for code, late in overdue.items() if late} <= tasked
    assert all(each.inputs["assignee"] and each.inputs["customer"] for each in layer.tasks)
