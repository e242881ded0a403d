"""Requests for approval by mail, through the real layer, a real HTTP server and real SMTP."""

import asyncio
import importlib.util
import logging
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from typing import Any

import httpx
import msgspec
import pytest
import uvicorn

from api.app import create_app
from api.served import Served
from api.server import listen
from tests.approvals.layer.company import PEOPLE, POLICIES, WHO, Company, both
from tests.connectors.peers import absent

ASK = (
    "letters: {approval: always, approvers: {roles: [operator]}, ask: {by: mail, source: mail, url: 'http://127.0.0.1:1'}, "
    "remind: P1D, escalate: {after: P2D, to: [elif]},"
)
ASKED = POLICIES.replace("letters: {approval: always,", ASK).replace(
    "internal_only: true}", "internal_only: true, ask: {source: mail}}"
)
LOW = ASKED.replace("tasks: {approval: never", "tasks: {approval: always")
AWAY = PEOPLE.replace("delegate: mehmet}", "delegate: mehmet, away: {from: 2026-01-01, to: 2026-01-06}}")


@pytest.fixture
def files() -> dict[str, str]:
    return {"policies": ASKED}


@asynccontextmanager
async def served(company: Company) -> AsyncIterator[httpx.AsyncClient]:
    """Serve the open layer on a port of its own, as `opslayer serve` does."""
    listening = listen("127.0.0.1", 0)
    config = uvicorn.Config(create_app(Served(company.layer)), log_config=None, access_log=False)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve([listening]))
    try:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with httpx.AsyncClient(base_url=url, headers={"Accept": "text/html"}) as client:
            yield client
    finally:
        server.should_exit = True
        await task


def plain(mail):
    """Return the text of a mail that says the same as HTML."""
    return mail.get_body(("plain",)).get_content()


def link(mail: EmailMessage) -> tuple[str, str]:
    """Return the path of the first link of a mail, and its code ("" for none)."""
    text = plain(mail)
    [path] = re.findall(r"http://\S+?(/decide/\S+)", text)[:1]
    code = re.search(r"code: (\d{6})", text)
    return path, code[1] if code else ""


def fields(page: str) -> dict[str, str]:
    """Return what a form posts as it stands: text fields with their values, and radios that are checked."""
    form: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = (re.search(rf'{each}="([^"]*)"', tag) for each in ("name", "value"))
        if name and ('type="radio"' not in tag or "checked" in tag):
            form[name[1]] = value[1] if value else ""
    return form


async def asked(company: Company, **data: str) -> EmailMessage:
    await company.tell(**{"status": "due", **data})
    await company.layer.expire()
    return company.box.to("ayse@anadolu.example")[-1]


@both
async def test_01_a_scanner_decides_nothing_and_the_persons_click_works(company: Company, caplog):
    caplog.set_level(logging.DEBUG)
    path, code = link(await asked(company))
    async with served(company) as http:
        for _ in range(200):
            assert (await http.head(path)).status_code == 200
            page = await http.get(path)
            assert page.status_code == 200
            assert page.headers["referrer-policy"] == "no-referrer"
            assert "<script" not in page.text
            form = fields(page.text)
            assert form == {"code": "", "reason": ""}
            assert (await http.post(path, data=form)).status_code == 422
        assert (await company.only("due")).state == "pending"
        wrong = await http.post(path, data={"choice": "approve", "code": "000000" if code != "000000" else "111111"})
        assert wrong.status_code == 403
        done = await http.post(path, data={"choice": "approve", "code": code})
        assert done.status_code == 200
        assert "Approved" in done.text
        again = await http.post(path, data={"choice": "reject", "code": code})
        assert again.status_code == 403
        assert (await http.get("/decide/made-up")).status_code == 404
    assert (await company.only("due")).state == "approved"
    await company.rest()
    assert len(company.box.to("info@c1.example")) == 1
    token = path.rpartition("/")[2]
    ours = [
        record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore", "mail"))
    ]
    assert not any(token in line for line in ours)
    assert token not in repr(await company.layer.parts.store.entries())


@pytest.fixture
async def chromium() -> AsyncIterator[Any]:
    """A browser that runs scripts, as the scanners of mail do."""
    binary, api = shutil.which("chromium"), importlib.util.find_spec("playwright")
    if not binary or api is None:
        absent("chromium", "chromium and playwright are not installed")
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=binary, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        await browser.close()


SUBMITS = (
    "document.forms[0].submit()",
    "document.forms[0].requestSubmit()",
    "document.querySelector('form button').click()",
    "document.querySelectorAll('form *').forEach(each => each.dispatchEvent(new Event('change'))); document.forms[0].submit()",
)
"""What a scanner does with a page's form as it stands."""


@both
@pytest.mark.slow
async def test_01_a_scanner_in_a_browser_with_scripts_on_decides_nothing_and_the_persons_click_works(
    company: Company, chromium: Any
):
    path, code = link(await asked(company))
    async with served(company) as http:
        url = f"{str(http.base_url).rstrip('/')}{path}"
        scanner = await chromium.new_context()
        page = await scanner.new_page()
        for number in range(40):
            for method in ("HEAD", "GET", "HEAD", "GET"):
                assert (await scanner.request.fetch(url, method=method)).status == 200
            assert (await page.goto(url)).status == 200
            async with page.expect_response(lambda answer: answer.request.method == "POST") as told:
                await page.evaluate(f"() => {{ {SUBMITS[number % len(SUBMITS)]} }}")
            assert (await told.value).status == 422
        assert (await company.only("due")).state == "pending"
        await scanner.close()

        person = await (await chromium.new_context()).new_page()
        await person.goto(url)
        await person.get_by_label("Approve exactly this").check()
        await person.get_by_label("The code in the mail").fill(code)
        await person.get_by_role("button").click()
        await person.get_by_role("status").wait_for()
        assert "Approved" in await person.get_by_role("status").inner_text()
    action = await company.only("due")
    assert (action.state, action.history[-1].by) == ("approved", "ayse")


@both
async def test_03_an_edit_ends_the_link_and_asks_anew(company: Company):
    path, code = link(await asked(company))
    await company.decide(await company.only("due"), "edit", edit={"text": "Dear Acme, please call."})
    async with served(company) as http:
        old = await http.post(path, data={"choice": "approve", "code": code})
        assert old.status_code == 412
        await company.layer.expire()
        path, code = link(company.box.to("ayse@anadolu.example")[-1])
        assert "please call" in (await http.get(path)).text
        assert (await http.post(path, data={"choice": "reject", "code": code})).status_code == 200
    assert (await company.only("due")).state == "rejected"


async def test_a_grave_action_is_mailed_without_a_link(company: Company):
    mail = await asked(company, status="fraud")
    assert "Sign in to decide: http://127.0.0.1:1/actions/" in plain(mail)
    assert "/decide/" not in plain(mail)


@pytest.mark.parametrize("files", [{"policies": LOW}])
async def test_a_light_action_needs_no_code(company: Company):
    path, code = link(await asked(company, status="late"))
    assert code == ""
    async with served(company) as http:
        assert (await http.post(path, data={"choice": "approve"})).status_code == 200
    assert (await company.only("late")).state == "approved"


async def test_a_person_is_asked_once_for_a_version(company: Company):
    await asked(company)
    for _ in range(3):
        company.advance(minutes=2)
        assert await company.layer.expire() == 0
    assert sorted(mail["To"] for mail in company.box.mails) == [
        "ayse@anadolu.example",
        "mehmet@anadolu.example",
        "zeynep@anadolu.example",
    ]


async def test_silence_reminds_then_escalates_then_expires_and_never_approves(company: Company):
    await asked(company)
    told = []
    for _ in range(8):
        company.advance(days=1, minutes=1)
        await company.layer.expire()
        told.append((await company.only("due")).history[-1].state)
    assert told == ["reminded", "escalated", "reminded", "reminded", "reminded", "reminded", "expired", "expired"]
    above = company.box.to("elif@anadolu.example")
    assert above[0]["Subject"].startswith("Nobody has answered")
    assert company.box.to("info@c1.example") == []


@pytest.mark.parametrize("files", [{"policies": ASKED, "people": AWAY}])
async def test_for_who_is_out_of_office_the_stand_in_is_asked(company: Company):
    await company.tell(status="due")
    action = await company.only("due")
    await company.decide(action, "delegate", to="ayse")
    await company.layer.expire()
    assert [mail["To"] for mail in company.box.mails] == ["mehmet@anadolu.example"]
    company.advance(days=2)
    await company.layer.expire()
    assert company.box.mails[-1]["To"] in ("ayse@anadolu.example", "elif@anadolu.example")


async def test_who_claimed_it_is_asked_alone(company: Company):
    await company.tell(status="due")
    await company.layer.claim((await company.only("due")).id, msgspec.structs.replace(WHO, id="zeynep"))
    await company.layer.expire()
    assert [mail["To"] for mail in company.box.mails] == ["zeynep@anadolu.example"]


async def test_a_mail_server_that_is_down_is_asked_again_later(closed: Company):
    async with closed.open():
        await closed.tell(status="due")
    sources = closed.home / "config/sources.yaml"
    port = re.search(r"port: (\d+)", sources.read_text())
    assert port is not None
    sources.write_text(sources.read_text().replace(port[0], "port: 1"))
    async with closed.open() as layer:
        assert await layer.expire() == 0
    sources.write_text(sources.read_text().replace("port: 1,", f"{port[0]},"))
    closed.advance(minutes=1)
    async with closed.open() as layer:
        assert await layer.expire() == 1
    assert len(closed.box.mails) == 3


GROUPED = ASKED.replace("invoices: {approval: always,", ASK.replace("letters:", "invoices:"))


@pytest.mark.parametrize("files", [{"policies": GROUPED}])
async def test_one_mail_an_account_asks_for_the_one_action_that_its_group_is(company: Company):
    await company.tell("C1")
    for number in ("I1", "I2", "I3"):
        await company.tell(number, "invoices", customer="C1", status="due")
    await company.tell("C2")
    await company.tell("I9", "invoices", customer="C2", status="due")
    await company.layer.expire()
    mails = company.box.to("ayse@anadolu.example")
    assert [len(re.findall("/decide/", plain(mail))) for mail in mails] == [1, 1]
    assert sorted("I1, I2 and I3" in plain(mail) for mail in mails) == [False, True]
