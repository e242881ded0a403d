import re
from urllib.parse import urlencode

import msgspec
import pytest

from engine.ports import StoreUnavailable

PAGES = ["/today", "/inbox", "/inbox?show=all", "/actions/act-0001", "/customers", "/customers/C-1042"]


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_is_safe_and_small(enter, path):
    answer = await (await enter("ayse")).get(path)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', answer.text)
    assert " style=" not in answer.text
    assert not re.search(r"\son\w+=", answer.text)
    assert len(answer.content) < 200_000


SECTIONS = (
    "sources",
    "quarantine",
    "letters",
    "identity",
    "people",
    "switches",
    "autonomy",
    "bundles",
    "journal",
    "spend",
)
DEEPER = ["/workflows", "/workflows/collections", "/report", "/rules", "/rules/collections?run=1", "/search?q=pay"]


@pytest.mark.parametrize("path", [*DEEPER, *(f"/admin/{each}" for each in SECTIONS)])
async def test_the_other_pages_are_there_in_both_languages(enter, path, client):
    browser = await enter("zeynep")
    for language in ("en", "tr"):
        client.cookies.set("opslayer_language", language)
        answer = await browser.get(path)
        assert answer.status_code == 200
        assert f'<html lang="{language}"' in answer.text
        assert " style=" not in answer.text


STRANGE = ("-1", "99999999999999999999", "abc", "0001-01-01", "9999-12-31", "2026-13-45", "\0", '"open', "x" * 3000)


@pytest.mark.parametrize("path", [*DEEPER, "/today", "/inbox", "/customers", *(f"/admin/{each}" for each in SECTIONS)])
async def test_no_page_fails_at_what_an_address_may_say(enter, path):
    browser = await enter("zeynep")
    for name in ("since", "until", "days", "page", "after", "q", "ruleset", "sort", "format", "run", "kind"):
        for said in STRANGE:
            answer = await browser.get(f"{path.partition('?')[0]}?{urlencode({name: said})}")
            assert answer.status_code < 500, (name, said)


async def test_admin_pages_are_for_admins_and_auditors(enter):
    assert (await (await enter("ayse")).get("/admin/people")).status_code == 403
    auditor = await enter("denetim")
    assert (await auditor.get("/admin/people")).status_code == 200
    answer = await auditor.post("/admin/switches/change", scope="all", on="1", reason="x")
    assert answer.status_code == 403


async def test_today_says_what_is_overdue_what_runs_by_itself_and_who_to_speak_to(enter):
    page = (await (await enter("ayse")).get("/today")).text
    for said in (
        "<b>5</b>accounts overdue",
        "<b>3</b>tracked without you",
        "<b>2</b>need a conversation",
        "Promised 20 March, nothing came",
        "322,000.00 TRY",
        "connection refused",
        "2 records could not be used",
    ):
        assert said in page


async def test_the_inbox_tells_what_will_happen_why_and_what_was(enter):
    page = (await (await enter("ayse")).get("/actions/act-0001")).text
    for said in (
        "Send mail to muhasebe@karadenizbeton.example: “Reminder: invoice FT-8841”",
        "waits for approval",
        '<mark title="customer">Karadeniz Beton Sanayi A.Ş.</mark>',
        "The rule “overdue account” holds for Karadeniz Beton Sanayi A.Ş.",
        "erp invoices/8841, version 7",
        "approval needed",
    ):
        assert said in page


async def test_a_customer_is_told_with_sources_and_timeline(enter):
    page = (await (await enter("ayse")).get("/customers/C-1042")).text
    for said in (
        "184,250.00 TRY",
        "we will pay on Friday",
        "something is missing, but bank has not told anything yet",
        "3 minutes ago",
    ):
        assert said in page


async def test_customers_are_found_by_name(enter):
    browser = await enter("ayse")
    assert "Toros" in (await browser.get("/customers?q=toros")).text
    assert "No customer matches “nobody”" in (await browser.get("/customers?q=nobody")).text


async def test_what_customers_write_is_text_and_never_markup(enter, layer):
    evil = "<script>alert(1)</script>"
    action = layer.store["act-0001"]
    payload = {**action.payload, "text": f"{evil} Karadeniz", "subject": evil}
    layer.store["act-0001"] = msgspec.structs.replace(action, payload=payload, because=evil)
    page = (await (await enter("ayse")).get("/actions/act-0001")).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


async def test_unknown_things_are_pages_too(enter):
    browser = await enter("ayse")
    for path in ("/actions/none", "/customers/none", "/nowhere"):
        answer = await browser.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("text/html")


async def test_styles_and_script_need_no_session(client):
    for name, kind in (
        ("app.css", "text/css"),
        ("tokens.css", "text/css"),
        ("app.js", "javascript"),
        ("icon.svg", "svg"),
    ):
        answer = await client.get(f"/static/{name}")
        assert answer.status_code == 200
        assert kind in answer.headers["content-type"]
    assert (await client.get("/static/../app.py")).status_code == 404


async def test_a_day_without_overdue_accounts_in_the_model_shows_what_waits_instead(enter, layer, monkeypatch):
    before = layer.today

    async def today(*given):
        return msgspec.structs.replace(await before(*given), accounts=False, conversations=(), tracked=())

    monkeypatch.setattr(layer, "today", today)
    page = (await (await enter("ayse")).get("/today")).text
    assert "accounts overdue" not in page
    assert 'href="/actions/act-0001"' in page


async def test_an_error_page_says_what_is_the_matter_when_to_come_again_and_where_to_go(enter, layer, monkeypatch):
    browser = await enter("ayse")
    page = (await browser.get("/nowhere")).text
    for said in ("There is nothing here", "No page has this address.", 'href="/today"'):
        assert said in page

    async def down(*_):
        raise StoreUnavailable("the database does not answer")

    monkeypatch.setattr(layer, "today", down)
    answer = await browser.get("/today")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    for said in ("Not to be reached right now", "The database does not answer.", "Try again in 5 seconds"):
        assert said in answer.text
