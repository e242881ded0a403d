"""A served home and Debian's Chromium: the web as people meet it."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from api.app import create_app
from api.served import Served
from api.server import listen, server_of
from api.starter import write_home
from api.views import Actor
from tests.api.autonomy.conftest import office  # noqa: F401  (a fixture)

ROOT = Path(__file__).parents[4]
PASSWORDS = {"grace": "nanoseconds in a wire", "ada": "an analytical engine"}
COUNT = 14
LOCAL = Actor(id="local", roles=frozenset({"admin"}), channel="cli")


def absent(name, reason):
    if name in os.environ.get("OPSLAYER_REQUIRE", "").split(","):
        pytest.fail(reason)
    pytest.skip(reason)


def opslayer(home, *arguments, given=None):
    command = [sys.executable, "-c", "from api.cli import main; main()", "--home", str(home), *arguments]
    return subprocess.run(command, input=given, text=True, capture_output=True, check=True, cwd=ROOT, timeout=120)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The starter's home with customers that owe; whoever asks for another module gets another home."""
    home = tmp_path_factory.mktemp("web") / "home"
    write_home(home)
    names = [f"C{number:02},Customer {number:02} Ltd,c{number:02}@example.org" for number in range(1, COUNT + 1)]
    owed = [f"R-{number:04},C{number:02},{100 * number}.50,2026-01-{number + 5:02}," for number in range(1, COUNT + 1)]
    (home / "data" / "customers.csv").write_text("\n".join(["id,name,email", *names]) + "\n")
    (home / "data" / "invoices.csv").write_text("\n".join(["number,customer,amount,due_date,paid_on", *owed]) + "\n")
    for person, password in PASSWORDS.items():
        opslayer(home, "people", "password", person, "--password-stdin", given=password)
    opslayer(home, "sync")
    return home


@pytest.fixture(scope="module")
def site(home):
    """The address of a running server over the home."""
    command = [
        sys.executable,
        "-c",
        "from api.cli import main; main()",
        "--home",
        str(home),
        "--json",
        "serve",
        "--port",
        "0",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT) as process:
        lines = []
        while process.poll() is None:
            lines.append(process.stdout.readline())
            try:
                told = json.loads("".join(lines))
                break
            except ValueError:
                continue
        yield told["url"]
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="module")
def chromium():
    """The browser; a skip with the reason, or a failure where it is required, when it is not there."""
    binary = shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        absent("chromium", "playwright is not installed: pip install playwright")
    if not binary:
        absent("chromium", "chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


class Rooms:
    """Chromium over an open layer that is served by this very process: each person has a context of their own."""

    def __init__(self, browser):
        self.browser, self.layer, self.url = browser, None, ""
        self.contexts, self.complaints = [], []

    @asynccontextmanager
    async def over(self, layer):
        """Serve a layer on a free port."""
        served = Served(layer)
        server, door = server_of(create_app(served)), listen("127.0.0.1", 0)
        running = asyncio.create_task(server.serve(sockets=[door]))
        self.layer, self.url = layer, f"http://127.0.0.1:{door.getsockname()[1]}"
        try:
            yield self
        finally:
            for context in self.contexts:
                await context.close()
            served.closing.set()
            server.should_exit = True
            await running
        assert self.complaints == []

    async def enter(self, person, path="", **options):
        """Open a page as somebody who is signed in; as nobody with ""."""
        context = await self.browser.new_context(base_url=self.url, locale="en-GB", **options)
        self.contexts.append(context)
        if person:
            key = await self.layer.create_key(f"web {person}", None, LOCAL, person=person, kind="session")
            await context.add_cookies([{"name": "opslayer_session", "value": key.secret, "url": self.url}])
        page = await context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        if path:
            await page.goto(path)
        return page


@pytest.fixture
async def rooms():
    """Chromium for tests that hold the layer itself; skips or fails as `chromium` does."""
    binary = shutil.which("chromium")
    try:
        from playwright.async_api import async_playwright
    except ImportError:
        absent("chromium", "playwright is not installed: pip install playwright")
    if not binary:
        absent("chromium", "chromium is not installed: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=binary, args=["--no-sandbox", "--disable-gpu"])
        yield Rooms(browser)
        await browser.close()


@pytest.fixture
def visit(chromium, site):
    """Open a page as somebody, in a context of its own; what the console complains of fails the test."""
    complaints, contexts = [], []

    def open_page(person="", path="/today", **options):
        context = chromium.new_context(base_url=site, locale="en-GB", **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console", lambda line: complaints.append(line.text) if "Content Security Policy" in line.text else None
        )
        if person:
            page.goto(f"/sign-in?next={path}")
            page.get_by_label("E-mail or name").fill(person)
            page.get_by_label("Password").fill(PASSWORDS[person])
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url(lambda url: "/sign-in" not in url)
        else:
            page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="module")
def axe():
    """The accessibility checker's script (npm axe-core)."""
    for folder in (ROOT / "var" / "node_modules", *map(Path, os.environ.get("NODE_PATH", "").split(os.pathsep))):
        script = folder / "axe-core" / "axe.min.js"
        if script.is_file():
            return SimpleNamespace(text=script.read_text(encoding="utf-8"))
    return absent("axe-core", "axe-core is not there: npm install --prefix var axe-core")
