"""How fast the web answers: `python -m bench web [--waiting N] [--entries N] [--home DIR] [--json]`.

A served home with thousands of letters that wait over a long journal (10,000 and 1,000,000 unless told otherwise, which
takes about five minutes of processor time to fill). Before each request somebody decides on an action, so that nothing
is answered from what stood there before; "CPU ms" is what an answer costs on a machine that is busy with
other work too. With Chromium and playwright also the first paint and the weight of a page.
"""

import argparse
import asyncio
import json
import logging
import os
import secrets
import shutil
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

import httpx

from api.bootstrap import open_layer
from api.clock import SimulatedClock
from api.views import Actor
from bench.flow.processes import Process
from bench.table import shown
from bench.web import home as company

RULESET, ROUNDS = "collections", 15
PAGES = {
    "today": "/today",
    "inbox": "/inbox",
    "inbox, words": "/inbox?q=yap%C4%B1+12",
    "inbox, by amount": "/inbox?sort=amount",
    "by account": "/queue",
    "an action": "/actions/{action}",
    "customers": "/customers",
    "customers, words": "/customers?q=12",
    "a customer": "/customers/{customer}",
    "search, a rare word": "/search?q=korbey",
    "search, common words": "/search?q=cement+pallets",
    "workflows": "/workflows",
    "a workflow": "/workflows/collections",
    "report": "/report",
    "rules": "/rules",
    "a ruleset": "/rules/collections",
    "its funnel": "/rules/collections?funnel=first_reminder",
    "trying a rule": "/rules/collections/try?subject=customer:{customer}",
    "evidence": "/evals/evidence/collections/first_reminder/remind",
    **{
        f"admin, {name}": f"/admin/{name}"
        for name in (
            "sources", "quarantine", "letters", "identity", "people", "switches", "autonomy", "bundles", "journal",
            "spend",
        )
    },
    "inbox as CSV": "/inbox?format=csv",
    "customers as CSV": "/customers?format=csv",
    "today as CSV": "/today?format=csv&table=tracked",
}  # fmt: skip
PAINTED = (
    "today",
    "inbox",
    "an action",
    "a customer",
    "workflows",
    "report",
    "rules",
    "a ruleset",
    "search, a rare word",
)
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
WEIGHT = """[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .reduce((sum, each) => sum + each.encodedBodySize, 0)"""
HTML = {"Accept": "text/html"}


async def signed_in(home):
    """A session for pages and a key to decide with."""
    local = Actor(id="local", roles=frozenset({"admin"}), channel="cli")
    async with open_layer(home, SimulatedClock(company.NOW)) as layer:
        name = f"bench {secrets.token_hex(4)}"
        session = await layer.create_key(f"{name} web", None, local, person=company.ADMIN, kind="session")
        key = await layer.create_key(name, None, local, person=company.OPERATOR)
        waiting = await layer.actions(state="pending", limit=500)
        return session.secret, key.secret, waiting


async def rested(server):
    """Wait until the server has read what the first pages need."""
    before = -1.0
    while server.cpu() - before > 0.1:
        before = server.cpu()
        await asyncio.sleep(1)


async def answers(server, client, key, waiting, names):
    """For each page: the first answer, then how long the next ones took, each after one more decision."""
    left, found = iter(waiting), {}
    for name, path in PAGES.items():
        address, took, size, spent = path.format(**names), [], 0, 0.0
        for number in range(ROUNDS + 1):
            if number:
                await rejected(client, key, next(left, None))
            began, cpu = time.perf_counter(), server.cpu()
            answer = await client.get(address, headers=HTML)
            took.append((time.perf_counter() - began) * 1000)
            spent += server.cpu() - cpu if number else 0.0
            assert answer.status_code == 200, (address, answer.status_code)
            size = len(answer.content)
        hundredths = statistics.quantiles(took[1:], n=20)
        found[name] = {
            "first ms": round(took[0]), "median ms": round(statistics.median(took[1:])),
            "p95 ms": round(hundredths[18]), "CPU ms": round(spent * 1000 / ROUNDS), "kB": round(size / 1000),
        }  # fmt: skip
        print(f"{name}: {found[name]}", file=sys.stderr, flush=True)
    return found


async def rejected(client, key, action):
    """Let one action be decided, so that the journal has moved."""
    if action is not None:
        word = {"verdict": "reject", "digest": action.digest, "reason": "bench"}
        answer = await client.post(
            f"/api/v1/actions/{action.id}/verdict", json=word, headers={"Authorization": f"Bearer {key}"}
        )
        assert answer.status_code == 200, answer.text


async def painted(url, session, names):
    """For each page the median first paint, and what it and all it loads weigh; None without Chromium or playwright."""
    binary = shutil.which("chromium")
    try:
        from playwright.async_api import async_playwright
    except ImportError:
        return None
    if not binary:
        return None
    found = {}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=binary, args=["--no-sandbox", "--disable-gpu"])
        context = await browser.new_context(base_url=url)
        await context.add_cookies([{"name": "opslayer_session", "value": session, "url": url}])
        page = await context.new_page()
        for name in PAINTED:
            paints = []
            for _ in range(7):
                await page.goto(PAGES[name].format(**names))
                await page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length")
                paints.append(await page.evaluate(FIRST_PAINT))
            weight = await page.evaluate(WEIGHT)
            found[name] = {"first paint ms": round(statistics.median(paints)), "kB in all": round(weight / 1000)}
        await browser.close()
    return found


async def run(waiting, entries, folder):
    """Fill a folder unless it is filled, serve it, ask for every page."""
    async with AsyncExitStack() as stack:
        where = Path(folder or stack.enter_context(tempfile.TemporaryDirectory()))
        filled = (where / "home").is_dir()
        out, home = await stack.enter_async_context(company.systems(where))
        began = time.process_time()
        if not filled:
            await company.fill(out, home, waiting, entries)
        filling = time.process_time() - began
        session, key, actions = await signed_in(home)
        names = {"action": actions[-1].id, "customer": actions[-1].key.subject.partition(":")[2]}
        options = ("--clock", "simulated", "--at", company.NOW.isoformat())
        server = await stack.enter_async_context(Process(home, {}, *options))
        client = await stack.enter_async_context(
            httpx.AsyncClient(base_url=server.url, cookies={"opslayer_session": session}, timeout=60)
        )
        await rested(server)
        pages = await answers(server, client, key, actions[:-1], names)
        paints = await painted(server.url, session, names)
        memory = round(server.rss()[0])
    head = {"load average": round(os.getloadavg()[0], 1), "filled in CPU s": round(filling), "server MB": memory}
    return head | {"pages": pages} | ({"in Chromium": paints} if paints else {})


def main():
    """Print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--waiting", type=int, default=10_000)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--home", default="", metavar="DIR", help="fill this folder and keep it, or use it as it is")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    logging.disable(logging.INFO)
    if given.home:
        Path(given.home).mkdir(exist_ok=True)
    found = asyncio.run(run(given.waiting, given.entries, given.home))
    print(json.dumps(found, indent=2) if given.json else shown(found, "web"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
