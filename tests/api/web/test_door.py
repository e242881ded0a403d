from urllib.parse import urlsplit

import pytest

from api.passwords import hash_password
from api.tries import SignInTries

PASSWORD = "correct horse battery"


@pytest.fixture
def known(layer):
    layer.hashes["ayse"] = hash_password(PASSWORD)


async def sign_in(browser, password=PASSWORD, person="ayse@example.org", next=""):
    await browser.get("/sign-in")
    return await browser.post("/sign-in", person=person, password=password, next=next)


async def test_pages_lead_to_the_door_and_back(browser, known):
    answer = await browser.get("/actions/act-0001?show=all")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/actions/act-0001%3Fshow%3Dall"
    answer = await sign_in(browser, next="/actions/act-0001")
    assert answer.headers["location"] == "/actions/act-0001"


async def test_the_session_cookie_is_for_the_server_alone(browser, known):
    answer = await sign_in(browser)
    cookie = next(each for each in answer.headers.get_list("set-cookie") if each.startswith("opslayer_session"))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    assert (await browser.get("/today")).status_code == 200


@pytest.mark.parametrize("next", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
async def test_the_way_back_never_leaves_the_site(browser, known, next):
    assert (await sign_in(browser, next=next)).headers["location"] == "/today"


@pytest.mark.parametrize(
    "next", ["/\t/evil.example", "/\n/evil.example", "/x\r\nset-cookie: a=b", "/\u2028/evil.example"]
)
async def test_what_a_browser_would_leave_out_of_an_address_is_written_out(browser, known, next):
    answer = await sign_in(browser, next=next)
    assert urlsplit(answer.headers["location"]).netloc == ""
    assert answer.headers["location"].isprintable()
    assert answer.headers["location"].isascii()
    assert "a=b" not in str(answer.cookies)


async def test_a_session_that_somebody_planted_is_not_the_one_that_is_opened(browser, client, known, layer, local):
    planted = await layer.create_key("web planted", None, local, person="mehmet", kind="session")
    client.cookies.set("opslayer_session", planted.secret)
    answer = await sign_in(browser)
    cookie = next(each for each in answer.headers.get_list("set-cookie") if each.startswith("opslayer_session="))
    assert planted.secret not in cookie
    assert (await layer.authenticate(planted.secret)).id == "mehmet"
    given = cookie.partition("=")[2].partition(";")[0]
    assert (await layer.authenticate(given)).id == "ayse"


async def test_a_wrong_name_and_a_wrong_password_are_told_alike(browser, known, layer):
    wrong = await sign_in(browser, "wrong")
    nobody = await sign_in(browser, person="nobody")
    unset = await sign_in(browser, person="mehmet")
    for answer in (wrong, nobody, unset):
        assert answer.status_code == 401
        assert "do not belong together" in answer.text
    assert len(layer.refused_tries) == 3


async def test_after_five_failures_one_must_wait_even_with_the_right_password(browser, known):
    for _ in range(5):
        assert (await sign_in(browser, "wrong")).status_code == 401
    answer = await sign_in(browser)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 200


async def test_who_guesses_one_persons_password_keeps_nobody_else_out(browser, known):
    for _ in range(6):
        await sign_in(browser, "wrong", person="mehmet")
    assert (await sign_in(browser)).status_code == 303


def test_who_guesses_from_many_addresses_or_at_many_people_must_wait_too():
    tries = SignInTries()
    for number in range(30):
        assert tries.wait("ada", f"host {number}") == 0
        tries.failed("ada", f"host {number}")
    assert tries.wait("ada", "another") > 200
    for number in range(60):
        assert tries.wait(f"person {number}", "one") == 0
        tries.failed(f"person {number}", "one")
    assert tries.wait("somebody", "one") > 200
    tries.succeeded("ada", "one")
    assert tries.wait("ada", "another") > 200


async def test_a_form_from_elsewhere_is_refused(browser, client, known):
    await browser.get("/sign-in")
    fields = {"person": "ayse", "password": PASSWORD, "csrf": browser.csrf}
    for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
        assert (await client.post("/sign-in", data=fields, headers=headers)).status_code == 403
    assert (await client.post("/sign-in", data=fields | {"csrf": "0" * 64})).status_code == 403
    assert (await client.post("/sign-in", data=fields, headers={"origin": "http://opslayer.test"})).status_code == 303


async def test_a_one_time_link_asks_first_and_works_once(browser, served):
    path = f"/sign-in/once/{served.links.make()}"
    for _ in range(3):
        assert (await browser.get(path)).status_code == 200
    assert "Zeynep Arslan" in browser.page
    assert (await browser.post(path)).headers["location"] == "/today"
    assert (await browser.get("/today")).status_code == 200
    assert (await browser.get(path)).status_code == 404


async def test_signing_out_ends_the_session_on_the_server_too(enter, client):
    browser = await enter("ayse")
    await browser.get("/today")
    secret = client.cookies["opslayer_session"]
    assert (await browser.post("/sign-out")).status_code == 303
    client.cookies.set("opslayer_session", secret)
    assert (await browser.get("/today")).status_code == 303


async def test_an_api_key_is_no_session(client, layer, local):
    key = await layer.create_key("k", "admin", local)
    client.cookies.set("opslayer_session", key.secret)
    assert (await client.get("/today")).status_code == 303
