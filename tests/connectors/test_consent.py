"""The first consent, against oauth2-mock-server: what it gives is what reading goes on with."""

import asyncio
import json
import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from connectors.http.auth import OAuth2Settings
from connectors.http.consent import consent
from connectors.http.oauth import OAuth2, TokenFile
from engine.ports import SourceDown
from tests.connectors.peers import free_port, node_modules, process


@pytest.fixture(scope="module")
def issuer(tmp_path_factory):
    folder = tmp_path_factory.mktemp("oauth")
    modules = node_modules("oauth2-mock-server", "oauth2-mock-server")
    port = free_port()
    package = json.loads((modules / "oauth2-mock-server" / "package.json").read_text())
    start = modules / "oauth2-mock-server" / next(iter(package["bin"].values()))
    url = f"http://127.0.0.1:{port}"
    command = ["node", str(start), "-a", "127.0.0.1", "-p", str(port)]
    with process(command, f"{url}/jwks", cwd=folder, log=folder / "log"):
        yield url


@pytest.fixture
def settings(issuer):
    return OAuth2Settings(
        token_url=f"{issuer}/token",
        authorize_url=f"{issuer}/authorize",
        client_id="opslayer",
        client_secret="kept",
        grant="authorization_code",
        scope="openid offline_access",
    )


class Person:
    """Follows the address as a browser does; `change` makes it somebody else's answer."""

    def __init__(self, change=None):
        self.change = change
        self.addresses = []
        self.tasks = []

    def __call__(self, address):
        self.addresses.append(address)
        self.tasks.append(asyncio.create_task(self.agree(address)))

    async def agree(self, address):
        async with httpx.AsyncClient() as browser:
            back = (await browser.get(address)).headers["location"]
            if self.change:
                self.refused = (await browser.get(self.change(back))).status_code
            self.answer = await browser.get(back)


async def test_what_is_agreed_is_kept_and_reading_goes_on_with_it(settings, tmp_path):
    person = Person()
    file = await consent("crm", settings, tmp_path, person, patience=60)
    asked = parse_qs(urlsplit(person.addresses[0]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/callback", asked["redirect_uri"][0])
    assert (file, file.stat().st_mode & 0o777) == (tmp_path / "var" / "tokens" / "crm.json", 0o600)
    kept = TokenFile(tmp_path, "crm").read()
    assert kept
    signer = OAuth2("crm", settings, tmp_path, 10)
    await signer.ready("GET")
    request = httpx.Request("GET", "http://x")
    signer.sign(request)
    assert request.headers["authorization"].startswith("Bearer ey")
    await person.tasks[0]
    assert "can be closed" in person.answer.text


async def test_an_answer_with_another_state_is_not_the_one_waited_for(settings, tmp_path):
    person = Person(change=lambda back: re.sub(r"state=[^&]+", "state=forged", back))
    await consent("crm", settings, tmp_path, person, patience=60)
    assert person.refused == 400
    await person.tasks[0]


async def test_a_refusal_is_told_and_nothing_is_kept(settings, tmp_path):
    person = Person(change=lambda back: re.sub(r"code=[^&]+", "error=access_denied", back))
    with pytest.raises(SourceDown, match="access_denied"):
        await consent("crm", settings, tmp_path, person, patience=60)
    assert not (tmp_path / "var").exists()


async def test_nobody_is_waited_for_for_ever_and_other_grants_need_nobody(settings, tmp_path):
    with pytest.raises(SourceDown, match="nobody agreed"):
        await consent("crm", settings, tmp_path, lambda _: None, patience=0.05)
    other = OAuth2Settings(token_url="https://x", client_id="a")
    with pytest.raises(SourceDown, match="authorization_code"):
        await consent("crm", other, tmp_path, lambda _: None, patience=1)
