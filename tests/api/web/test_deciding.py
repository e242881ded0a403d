import msgspec
import pytest


@pytest.fixture
async def desk(enter):
    browser = await enter("ayse")
    await browser.get("/actions/act-0001")
    return browser


async def decide(browser, verdict, **fields):
    return await browser.post("/actions/act-0001/verdict", digest=browser.hidden("digest"), verdict=verdict, **fields)


async def test_an_approval_counts_for_what_was_shown_and_is_told(desk, layer):
    answer = await decide(desk, "approve")
    assert answer.headers["location"] == "/inbox?done=act-0001"
    assert layer.store["act-0001"].history[-1].by == "ayse"
    page = (await desk.get("/inbox?done=act-0001")).text
    assert "approved." in page


async def test_a_rejection_needs_a_reason_that_is_kept(desk, layer):
    assert 'name="reason" required' in desk.page
    await decide(desk, "reject", reason="paid by phone")
    assert layer.store["act-0001"].history[-1].reason == "paid by phone"


async def test_an_edit_sends_only_what_was_changed_and_waits_again(desk, layer):
    before = layer.store["act-0001"].payload["text"]
    fields = {"edit.subject": "A friendly reminder", "edit.text": before.replace("\n", "\r\n")}
    answer = await decide(desk, "edit", **fields)
    assert answer.headers["location"] == "/actions/act-0001?done=act-0001"
    after = layer.store["act-0001"]
    assert (after.version, after.payload["subject"], after.payload["text"]) == (2, "A friendly reminder", before)
    assert "saved as version 2" in (await desk.get("/actions/act-0001?done=act-0001")).text


async def test_snoozing_and_giving_over_keep_it_waiting(desk, layer):
    await decide(desk, "snooze", to="P3D")
    assert layer.store["act-0001"].state == "pending"
    assert "put off" in (await desk.get("/actions/act-0001?done=act-0001")).text
    await decide(desk, "delegate", to="mehmet")
    assert "given to a colleague" in (await desk.get("/actions/act-0001?done=act-0001")).text


async def test_a_stale_page_decides_nothing_and_shows_the_difference(desk, layer):
    layer.store["act-0001"] = msgspec.structs.replace(layer.store["act-0001"], digest="ff" * 32)
    answer = await decide(desk, "approve")
    assert answer.status_code == 412
    assert "It changed while you looked" in answer.text
    assert "100.00 TRY" in answer.text
    assert desk.hidden("digest") == "ff" * 32
    assert layer.store["act-0001"].state == "pending"


async def test_the_slower_of_two_is_told_who_was_faster(desk):
    await decide(desk, "approve")
    answer = await decide(desk, "reject", reason="no")
    assert answer.status_code == 409
    assert "was faster" in answer.text


async def test_a_refused_edit_keeps_what_was_written(desk):
    answer = await decide(desk, "edit", **{"edit.subject": "Kept words", "edit.to": "evil@example.org"})
    assert answer.status_code == 422
    assert 'value="Kept words"' in answer.text


async def test_without_the_forms_token_nothing_is_decided(desk, client, layer):
    answer = await client.post("/actions/act-0001/verdict", data={"verdict": "approve", "digest": "01" * 32})
    assert answer.status_code == 403
    assert layer.store["act-0001"].state == "pending"


async def test_an_auditor_reads_and_cannot_decide(enter, layer):
    browser = await enter("denetim")
    page = (await browser.get("/actions/act-0001")).text
    assert "Approve" not in page
    answer = await browser.post("/actions/act-0001/verdict", verdict="approve", digest="01" * 32)
    assert answer.status_code == 403
    assert layer.store["act-0001"].state == "pending"


async def test_looking_never_decides(desk, layer):
    for path in ("/actions/act-0001", "/actions/act-0001/verdict", "/inbox"):
        for method in ("GET", "HEAD"):
            await desk.client.request(method, path)
    assert layer.store["act-0001"].state == "pending"
