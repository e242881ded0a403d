"""Our own write comes back: the whole layer with the Salesforce pack, on SQLite and on PostgreSQL.

The rules answer tasks with tasks, so that each task that comes back would ask for the next one, for ever.
"""

from pathlib import Path

import pytest

from api.bootstrap import open_layer
from api.clock import SimulatedClock
from tests.approvals.layer.company import START
from tests.connectors.packs import PACKS
from tests.simulators.salesforce import VERSION, Salesforce
from tests.simulators.server import served

MODEL = """
format: 1
extends: base
entities: {}
"""
SOURCES = """
format: 1
sources:
  salesforce:
    connector: salesforce
    write: true
"""
RULES = """
format: 1
owner: zeynep
rules:
  - id: unanswered
    for: task
    when: status = "Not Started" and customer != null
    because: Each task wants another one.
    existing: propose
    do:
      - id: another
        operation: salesforce.create_task
        with: {assignee: '"005A"', customer: customer.crm_id, title: '"About " + title'}
        autonomy: tasks
  - id: noticed
    for: task
    when: starts with(title, "About")
    because: Somebody should note it.
    do:
      - id: note
        operation: salesforce.create_note
        with: {customer: customer.crm_id, title: '"Noted"', text: '"Noted."'}
        autonomy: tasks
"""


@pytest.fixture
def home(tmp_path: Path, url: str, monkeypatch):
    with served(Salesforce()) as simulator:
        monkeypatch.setenv("SALESFORCE_URL", f"{simulator.url}{VERSION}")
        monkeypatch.setenv("SALESFORCE_TOKEN_URL", f"{simulator.url}/services/oauth2/token")
        monkeypatch.setenv("SALESFORCE_CLIENT_ID", "me")
        monkeypatch.setenv("SALESFORCE_CLIENT_SECRET", "secret")
        texts = {
            "config/app.yaml": f'format: 1\ncompany: Acme\ntimezone: Europe/Istanbul\ndatabase: "{url}"\n',
            "config/model.yaml": MODEL,
            "config/manifests/salesforce.yaml": PACKS["salesforce"].manifest,
            "config/sources.yaml": SOURCES,
            "config/autonomy.yaml": "format: 1\npolicies:\n  tasks: {approval: never, internal_only: true}\n",
            "config/people.yaml": "format: 1\npeople:\n  - {id: zeynep, roles: [operator]}\n",
            "mappings/salesforce.yaml": PACKS["salesforce"].mapping,
            "rules/tasks/ruleset.yaml": RULES,
        }
        for name, text in texts.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text.lstrip(), encoding="utf-8")
        yield tmp_path, simulator


async def test_15_what_we_wrote_comes_back_from_the_crm_and_nothing_follows_by_itself(home):
    folder, simulator = home
    simulator.put("Account", "001A", Name="Acme", AccountNumber="A1", at=START)
    simulator.put("Task", "00T0", Subject="Old", Status="Completed", WhatId="001A", OwnerId="005A", at=START)
    clock = SimulatedClock(START)
    async with open_layer(folder, clock) as layer:
        await layer.sync()
        simulator.put("Task", "00TA", Subject="Call", Status="Not Started", WhatId="001A", OwnerId="005A")
        for _ in range(4):
            await layer.sync()
            await layer.rest()
        written = [row for row in simulator.objects["Task"].values() if row.get("Opslayer_Key__c")]
        assert [row["Subject"] for row in written] == ["About Call"]
        states = {each.key.rule: (each.state, each.history[-1].reason) for each in await layer.actions()}
        done = next(each for each in await layer.actions(state="sent"))
        told = f"our own write came back ({done.id})"
        assert {each.key.rule for each in await layer.actions()} == {"unanswered", "noticed"}
        assert states["noticed"] == ("pending", told)
        [never] = await layer.actions(state="withdrawn")
        assert (never.key.rule, never.history[-1].reason) == ("unanswered", told)
        [note] = [each for each in await layer.parts.store.entries(kinds=("note",)) if "echo" in (each.body or {})]
        assert note.body == {"echo": done.id, "record": f"salesforce/tasks/{written[0]['Id']}"}

        simulator.put("Task", written[0]["Id"], Status="Completed")
        await layer.sync()
        simulator.put("Task", written[0]["Id"], Status="Not Started")
        await layer.sync()
        await layer.rest()
        written = [row for row in simulator.objects["Task"].values() if row.get("Opslayer_Key__c")]
        assert [row["Subject"] for row in written] == ["About Call", "About About Call"], (
            "what a person changed is news"
        )
