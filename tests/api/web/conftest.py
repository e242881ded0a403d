import re

import pytest

HTML = {"accept": "text/html"}


class Browser:
    """Keeps cookies, follows nothing, fills the csrf token of the page it last saw."""

    def __init__(self, client):
        self.client = client
        self.page = ""

    async def get(self, path):
        answer = await self.client.get(path, headers=HTML)
        self.page = answer.text
        return answer

    async def post(self, path, **fields):
        answer = await self.client.post(path, data={"csrf": self.csrf} | fields, headers=HTML)
        if answer.status_code != 303:
            self.page = answer.text
        return answer

    @property
    def csrf(self):
        return self.hidden("csrf")

    def hidden(self, name):
        found = re.search(rf'name="{name}" value="([^"]*)"', self.page)
        return found[1] if found else ""


@pytest.fixture
def browser(client):
    return Browser(client)


@pytest.fixture
def enter(browser, layer, local, client):
    async def enter(person):
        key = await layer.create_key(f"web {person}", None, local, person=person, kind="session")
        client.cookies.set("opslayer_session", key.secret)
        return browser

    return enter
