"""A real process over a real home folder: serve, act over HTTP, end in order."""

import asyncio
import json
import re
import signal
import sys
from contextlib import asynccontextmanager

import httpx
import pytest

from api.starter import write_home

OPSLAYER = [sys.executable, "-c", "from api.cli import main; main()"]
AT = "2026-03-02T09:00:00+03:00"


async def opslayer(home, *arguments):
    made = await asyncio.create_subprocess_exec(
        *OPSLAYER, "--home", str(home), *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, _ = await made.communicate()
    assert made.returncode == 0
    return out.decode()


@asynccontextmanager
async def serving(home, *options):
    process = await asyncio.create_subprocess_exec(
        *OPSLAYER, "--home", str(home), "--json", "serve", "--port", "0", *options,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        urls = json.loads(await asyncio.wait_for(process.stdout.readuntil(b"}"), 30))
        yield process, urls
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), 30)


@pytest.fixture
def home(tmp_path):
    write_home(tmp_path / "home")
    return tmp_path / "home"


def event(id, subject, data):
    return {
        "specversion": "1.0", "id": id, "source": "ledger", "type": "record.changed", "subject": subject, "data": data,
    }  # fmt: skip


async def until(ask, holds):
    async with asyncio.timeout(30):
        while True:
            answer = await ask()
            if holds(answer):
                return answer
            await asyncio.sleep(0.05)


async def test_from_an_event_to_an_approved_action_over_http(home):
    key = (await opslayer(home, "keys", "create", "--role", "admin", "--name", "test")).strip()
    operator = (await opslayer(home, "keys", "create", "--role", "operator", "--name", "ops")).strip()
    async with (
        serving(home, "--clock", "simulated", "--at", AT) as (process, urls),
        httpx.AsyncClient(base_url=urls["url"], headers={"Authorization": f"Bearer {key}"}) as client,
    ):
        assert (await client.get("/health/ready")).status_code == 200
        batch = [
            event("1", "customers/C7", {"id": "C7", "name": "Dot Ltd", "email": "a@dot.example"}),
            event(
                "2",
                "invoices/R7",
                {"number": "R7", "customer": "C7", "amount": "12.50", "due_date": "2026-02-25", "paid_on": None},
            ),
        ]
        headers = {"content-type": "application/cloudevents-batch+json"}
        taken = await client.post("/api/v1/events", content=json.dumps(batch), headers=headers)
        assert taken.json() == {"accepted": 2, "duplicates": 0, "rejected": []}
        again = await client.post("/api/v1/events", content=json.dumps(batch), headers=headers)
        assert again.json()["duplicates"] == 2
        assert (await client.get("/api/v1/actions")).json()["items"] == []

        moved = await client.post("/api/v1/clock", json={"advance_to": "2026-03-05T09:00:00+03:00"})
        assert moved.status_code == 200

        async def waiting():
            return (await client.get("/api/v1/actions?state=pending")).json()["items"]

        action = (await until(waiting, bool))[0]
        assert action["key"]["subject"] == "customer:C7"
        assert "Dot Ltd" in action["draft"]["text"]
        client.headers["authorization"] = f"Bearer {operator}"
        verdict = {"verdict": "approve", "digest": action["digest"]}
        decided = await client.post(f"/api/v1/actions/{action['id']}/verdict", json=verdict)
        assert decided.status_code == 200
        assert decided.json()["state"] in ("approved", "scheduled")
        assert (await client.post(f"/api/v1/actions/{action['id']}/verdict", json=verdict)).status_code == 409
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 30) == 0


async def test_the_link_in_the_output_signs_in_once_and_pages_show_the_real_company(home):
    await opslayer(home, "sync", "ledger")
    async with (
        serving(home, "--clock", "simulated", "--at", AT) as (_, urls),
        httpx.AsyncClient(base_url=urls["url"], headers={"accept": "text/html"}) as client,
    ):
        door = await client.get(urls["sign_in"])
        csrf = re.search(r'name="csrf" value="([^"]+)"', door.text)[1]
        assert (await client.post(urls["sign_in"], data={"csrf": csrf})).status_code == 303
        assert (await client.get(urls["sign_in"])).status_code == 404
        for path in ("/today", "/inbox", "/inbox?show=all", "/customers", "/customers/C1"):
            page = await client.get(path)
            assert page.status_code == 200, page.text
        assert "Bolt and Sons" in page.text
        assert "1,250.00 EUR" in page.text


async def test_ctrl_c_ends_in_order(home):
    async with serving(home) as (process, urls):
        async with httpx.AsyncClient(base_url=urls["url"]) as client:
            assert (await client.get("/health/live")).status_code == 200
        process.send_signal(signal.SIGINT)
        _, err = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0
    assert "Traceback" not in err.decode()


async def test_the_codes_of_a_verdict_are_those_of_the_contract(home):
    keys = {
        role: (await opslayer(home, "keys", "create", "--role", role, "--name", role)).strip()
        for role in ("operator", "viewer")
    }
    async with (
        serving(home, "--clock", "simulated", "--at", AT) as (_, urls),
        httpx.AsyncClient(base_url=urls["url"] + "/api/v1") as client,
    ):
        client.headers["authorization"] = f"Bearer {keys['operator']}"
        due = {"due_date": "2026-02-10", "paid_on": None, "amount": "12.50"}
        batch = [
            event(id, f"customers/{id}", {"id": id, "name": id, "email": f"{id}@dot.example"}) for id in ("C7", "C8")
        ]
        batch += [
            event(f"i{id}", f"invoices/R{id}", {"number": f"R{id}", "customer": id, **due}) for id in ("C7", "C8")
        ]
        headers = {"content-type": "application/cloudevents-batch+json"}
        assert (await client.post("/events", content=json.dumps(batch), headers=headers)).json()["accepted"] == 4

        async def waiting():
            return (await client.get("/actions?state=pending")).json()["items"]

        first, second = await until(waiting, lambda items: len(items) == 2)

        async def decide(action, digest="", **body):
            body = {"digest": digest or action["digest"]} | body
            key = {"Idempotency-Key": body.pop("key")} if "key" in body else {}
            return await client.post(f"/actions/{action['id']}/verdict", json=body, headers=key)

        assert (await decide(first, verdict="approve", digest="0" * 64)).status_code == 412
        assert (await decide(first, verdict="edit", edit={"to": "evil@example.org"})).status_code == 422
        assert (await decide({"id": "none", "digest": "x"}, verdict="approve")).status_code == 404
        denied = {"Authorization": f"Bearer {keys['viewer']}"}
        body = {"verdict": "approve", "digest": first["digest"]}
        assert (await client.post(f"/actions/{first['id']}/verdict", json=body, headers=denied)).status_code == 403

        edited = (await decide(first, verdict="edit", edit={"subject": "A friendly reminder"})).json()
        assert (edited["state"], edited["version"], edited["digest"] == first["digest"]) == ("pending", 2, False)
        stale = await decide(first, verdict="approve")
        assert stale.status_code == 412
        assert "subject" in stale.json()["difference"]
        once = await decide(edited, verdict="approve", key="k1")
        again = await decide(edited, verdict="approve", key="k1")
        assert (once.status_code, again.status_code, again.json()["id"]) == (200, 200, first["id"])
        late = await decide(edited, verdict="reject", reason="no")
        assert (late.status_code, late.json()["by"]) == (409, "key:operator")

        rejected = await decide(second, verdict="reject", reason="paid by phone")
        assert rejected.json()["state"] == "rejected"
        assert rejected.json()["history"][-1]["reason"] == "paid by phone"


async def test_what_is_known_and_why_over_http(home):
    await opslayer(home, "sync", "ledger")
    key = (await opslayer(home, "keys", "create", "--role", "admin", "--name", "test")).strip()
    async with (
        serving(home, "--clock", "simulated", "--at", "2027-01-05T09:00:00+03:00") as (_, urls),
        httpx.AsyncClient(base_url=urls["url"] + "/api/v1", headers={"Authorization": f"Bearer {key}"}) as client,
    ):
        field = (await client.get("/entities/invoice/R-1001")).json()["fields"]["amount"]
        assert field["value"] == {"amount": "1250.00", "currency": "EUR"}
        assert field["sources"][0]["record"] == "ledger/invoices/R-1001"
        customer = (await client.get("/customers/C1")).json()
        assert [each["id"] for each in customer["related"]["invoices"]] == ["R-1001"]
        listed = (await client.get("/decisions?subject=customer:C1")).json()["items"]
        proof = (await client.get(f"/decisions/{listed[0]['id']}")).json()["proof"]
        assert "ledger/invoices/R-1001" in json.dumps(proof)
        assert (await client.post("/config/check")).json()["ok"]
        assert [each["active"] for each in (await client.get("/bundles")).json()] == [True]
        assert (await client.get("/autonomy")).json()[0]["rule"] == "late"
        pulled = await client.put("/kill-switches/ruleset:reminders", json={"on": True, "reason": "test"})
        assert pulled.json()["on"]
        assert (await client.put("/kill-switches/ruleset:none", json={"on": True})).status_code == 404


async def test_where_the_output_is_kept_as_a_log_it_holds_no_link_that_signs_in(home):
    async with serving(home, "--log", "json") as (_, urls):
        assert list(urls) == ["url"]
