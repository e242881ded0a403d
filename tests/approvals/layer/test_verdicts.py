"""A person's word by HTTP and by command line, on the real layer, as far as what the peers then got."""

import asyncio
import json
from pathlib import Path

import pytest

from api.cli.root import opslayer
from api.cli.shell import run
from api.clock import SystemClock
from tests.approvals.layer.company import POLICIES, Company, Mailbox, post_office
from tests.approvals.peer import Peer

UNDO = POLICIES.replace("letters: {approval: always,", "letters: {approval: always, undo: PT2M,")
TWO = POLICIES.replace("letters: {approval: always,", "letters: {approval: always, quorum: 2,")


async def test_an_edit_is_a_new_version_that_needs_its_own_word(company: Company):
    await company.tell(status="due")
    first = await company.only("due")
    path = f"/api/v1/actions/{first.id}/verdict"
    async with company.http() as http:
        words = {"text": "Dear Acme, 100 EUR are open. Please call us."}
        edited = await http.post(path, json={"verdict": "edit", "digest": first.digest, "edit": words})
        assert (edited.status_code, edited.json()["state"], edited.json()["version"]) == (200, "pending", 2)
        assert edited.json()["draft"]["origin"] == "person:ayse"
        await company.rest()
        assert company.box.mails == []
        stale = await http.post(path, json={"verdict": "approve", "digest": first.digest})
        assert stale.status_code == 412
        assert stale.json()["difference"]["text"]["current"] == words["text"]
        approved = await http.post(path, json={"verdict": "approve", "digest": edited.json()["digest"]})
        assert approved.json()["state"] == "approved"
        again = await http.post(path, json={"verdict": "reject", "digest": edited.json()["digest"], "reason": "late"})
        assert (again.status_code, again.json()["by"]) == (409, "ayse")
    await company.rest()
    [mail] = company.box.mails
    assert mail.get_content().strip() == words["text"]
    assert (await company.only("due")).state == "sent"


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        ({"to": "evil@example.org"}, "not-editable"),
        ({"text": "Dear Acme, see you in the lawsuit."}, "forbidden-word"),
        ({"text": "Dear {customer}, please pay."}, "open-slot"),
        ({"text": "Dear Acme, \u202eplease pay."}, "control-character"),
        ({"text": ""}, "missing-payload-key"),
    ],
)
async def test_an_edit_goes_through_the_guards(company: Company, edit, code):
    await company.tell(status="due")
    first = await company.only("due")
    async with company.http() as http:
        body = {"verdict": "edit", "digest": first.digest, "edit": edit}
        answer = await http.post(f"/api/v1/actions/{first.id}/verdict", json=body)
    assert answer.status_code == 422
    assert answer.json()["type"].endswith(code)
    assert (await company.only("due")).version == 1


async def test_who_edited_by_then_moved_on_keeps_the_persons_words(company: Company):
    await company.tell(status="due", owed=100)
    first = await company.only("due")
    await company.decide(first, "edit", edit={"text": "Dear Acme, please call."})
    await company.decide(await company.only("due"), "approve")
    await company.tell(status="due", owed=40)
    await company.rest()
    back = await company.only("due")
    assert (back.state, back.payload["text"]) == ("pending", "Dear Acme, please call.")


async def test_delegating_and_snoozing_change_who_and_when_and_nothing_else(company: Company):
    await company.tell(status="due")
    first = await company.only("due")
    path = f"/api/v1/actions/{first.id}/verdict"
    async with company.http() as http:
        snoozed = await http.post(path, json={"verdict": "snooze", "digest": first.digest, "to": "PT4H"})
        assert (snoozed.status_code, snoozed.json()["state"]) == (200, "pending")
        given = await http.post(path, json={"verdict": "delegate", "digest": first.digest, "to": "mehmet"})
        assert given.json()["history"][-1]["state"] == "delegated"
        nobody = await http.post(path, json={"verdict": "delegate", "digest": first.digest, "to": "nobody"})
        assert nobody.status_code == 422
        approved = await http.post(path, json={"verdict": "approve", "digest": first.digest})
        assert (approved.status_code, approved.json()["version"]) == (200, 1)


@pytest.mark.parametrize("files", [{"policies": UNDO}])
async def test_an_approval_is_taken_back_within_its_window(company: Company):
    await company.tell(status="due")
    first = await company.only("due")
    async with company.http() as http:
        path = f"/api/v1/actions/{first.id}"
        scheduled = await http.post(f"{path}/verdict", json={"verdict": "approve", "digest": first.digest})
        assert scheduled.json()["state"] == "scheduled"
        await company.rest()
        back = await http.post(f"{path}/undo", json={"reason": "wrong customer"})
        assert (back.status_code, back.json()["state"]) == (200, "pending")
        company.advance(minutes=3)
        await company.rest()
        assert company.box.mails == []
        await http.post(f"{path}/verdict", json={"verdict": "approve", "digest": first.digest})
        company.advance(minutes=3)
        await company.rest()
        assert (await http.post(f"{path}/undo", json={})).status_code == 409
    assert len(company.box.mails) == 1


@pytest.mark.parametrize("files", [{"policies": TWO}])
async def test_a_quorum_counts_people_not_remarks_nor_keys(company: Company):
    await company.tell(status="due")
    first = await company.only("due")
    path = f"/api/v1/actions/{first.id}"
    approve = {"verdict": "approve", "digest": first.digest}
    async with company.http() as ayse, company.http("mehmet") as mehmet:
        assert (await ayse.post(f"{path}/verdict", json=approve)).json()["state"] == "pending"
        assert (await ayse.post(f"{path}/verdict", json=approve)).json()["state"] == "pending"
        assert (await mehmet.post(f"{path}/claim")).status_code == 200
        assert (await mehmet.post(f"{path}/comment", json={"text": "I know them"})).status_code == 200
        assert (await mehmet.post(f"{path}/verdict", json=approve)).json()["state"] == "approved"
    history = [(item.state, item.by) for item in (await company.only("due")).history]
    assert ("claimed", "mehmet") in history
    assert ("commented", "mehmet") in history


@pytest.mark.parametrize("files", [{"policies": TWO}])
async def test_a_key_that_is_nobodys_does_not_count_where_people_are_counted(company: Company):
    await company.tell(status="due")
    first = await company.only("due")
    from api.views import Actor

    machine = Actor(id="key:bridge", roles=frozenset({"operator"}), channel="api")
    refused = await company.decide(first, "approve", machine)
    assert "counts people" in getattr(refused, "reason", "")


def test_the_command_line_edits_approves_delegates_and_rejects(tmp_path: Path, crm: Peer, capsys):
    """Each command opens the layer anew over the same home, as from a shell."""
    box = Mailbox()

    def call(*arguments: str) -> dict:
        code = run(opslayer, ["--home", str(company.home), "--json", "actions", *arguments])
        return {"code": code, **json.loads(capsys.readouterr().out)}

    async def proposed() -> Company:
        company = Company(tmp_path / "home", crm, box, 1)
        company.clock = SystemClock()
        async with company.open():
            await company.tell("C1", status="due")
            await company.tell("C2", status="due")
        return company

    company = asyncio.run(proposed())
    code = run(opslayer, ["--home", str(company.home), "--json", "actions", "list", "--state", "pending"])
    one, two = (each["id"] for each in json.loads(capsys.readouterr().out))
    assert code == 0
    assert call("snooze", one, "--for", "PT4H", "--as", "ayse")["code"] == 0
    assert call("delegate", one, "--to", "mehmet", "--as", "ayse")["history"][-1]["reason"] == "mehmet"
    assert call("comment", one, "they call back", "--as", "mehmet")["history"][-1]["state"] == "commented"
    assert call("edit", one, "--set", "text=Dear Acme, please call us.", "--as", "ayse")["version"] == 2
    assert call("edit", one, "--set", "to=evil@example.org", "--as", "ayse")["refused"] == "NotEditable"
    assert call("approve", one, "--as", "ayse")["state"] == "approved"
    assert call("undo", one, "--as", "ayse")["state"] == "pending"
    assert call("approve", one, "--as", "ayse")["state"] == "approved"
    assert call("reject", two, "--reason", "paid by phone", "--as", "mehmet")["state"] == "rejected"
    assert call("settle", two, "drop", "--as", "mehmet")["refused"] == "AlreadyDecided"

    async def sent() -> None:
        async with post_office(box) as port:
            sources = company.home / "config/sources.yaml"
            sources.write_text(sources.read_text().replace("port: 1,", f"port: {port},"))
            async with company.open():
                await company.rest()

    asyncio.run(sent())
    [mail] = box.mails
    assert mail.get_content().strip() == "Dear Acme, please call us."
