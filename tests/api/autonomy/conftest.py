"""The company of the approvals' tests, with a policy under which tasks earn autonomy, and years of verdicts at hand."""

import subprocess
from datetime import timedelta

import pytest

from api.views import Actor
from engine.ports import Entry
from tests.approvals.conftest import url
from tests.approvals.layer.company import Company, Mailbox, post_office
from tests.approvals.peer import serving

__all__ = ["url"]
UNIT = ("dunning", "late", "task")
ELIF = Actor(id="elif", roles=frozenset({"admin"}), channel="api", name="Elif")
POLICIES = """
format: 1
policies:
  tasks: {approval: earned, internal_only: true, approvers: {roles: [operator]}}
  letters: {approval: always, expires: P7D}
  invoices: {approval: always, expires: P7D}
default: letters
earned:
  graduation: {bound: BOUND}
"""


class Office(Company):
    """Speaks of the stage of the one action that can graduate."""

    async def row(self):
        return next(each for each in await self.layer.autonomy() if each.rule == "late")

    async def step(self, step, who=ELIF):
        return await self.layer.change_autonomy(*UNIT, step, who)

    async def entries(self, *kinds):
        async with self.open():
            return await self.layer.parts.store.entries(kinds=kinds)

    async def remembered(self, verdicts, *, channel="web", gap=60, **more):
        """Write verdicts into the journal as the inbox writes them, a minute apart: "ok", "no", "critical", "expired"."""
        store, now = self.layer.parts.store, self.clock.now()
        async with store.transaction() as tx:
            for number, verdict in enumerate(verdicts):
                id, at = f"past-{await tx.head()}-{number}", now + timedelta(seconds=gap * number)
                await tx.append(_decision(id, at))
                await tx.append(_entry("action", id, at, "policy", {"state": "pending", "version": 1, "digest": "d"}))
                for entry in _said(verdict, id, at + timedelta(seconds=gap / 2), channel, more):
                    await tx.append(entry)
        self.advance(seconds=gap * len(verdicts))

    async def ended(self, result):
        """Write down how those that were remembered ended."""
        store, now = self.layer.parts.store, self.clock.now()
        known = {each.body["action"] for each in await store.entries(kinds=("outcome",))}
        decided = {each.body["action"] for each in await store.entries(kinds=("verdict",), limit=10_000)}
        async with store.transaction() as tx:
            for id in sorted(each for each in decided - known if each.startswith("past-")):
                await tx.append(_entry("outcome", id, now, "engine", {"result": result}))

    async def graduated(self, count=500, wrong=0):
        """Let the action have been in approval for a hundred days, with labels, and promote it."""
        self.advance(days=100)
        await self.remembered(["ok"] * (count - wrong) + ["no"] * wrong)
        return await self.step("promote")


def _decision(id, at):
    body = {"id": id, "kind": "propose", "proposal": id} | dict(zip(("ruleset", "rule", "action"), UNIT, strict=True))
    return Entry(kind="decision", recorded_at=at, subjects=("customer:C0", f"action:{id}"), body=body)


def _entry(kind, id, at, by, body):
    return Entry(
        kind=kind, recorded_at=at, actor=by, subjects=("customer:C0", f"action:{id}"), body={"action": id} | body
    )


def _said(verdict, id, at, channel, more):
    if verdict == "expired":
        return [_entry("action", id, at, "clock", {"state": "expired", "version": 1, "digest": "d"})]
    state = "approved" if verdict == "ok" else "rejected"
    said = {"verdict": "approve" if verdict == "ok" else "reject", "by": "ayse", "channel": channel, "state": state}
    said |= {"reason": "critical: the wrong customer"} if verdict == "critical" else {}
    done = {"state": state, "version": 1, "digest": "d"}
    return [_entry("verdict", id, at, "ayse", said | more), _entry("action", id, at, "ayse", done)]


def _over(home, crm, box, port, url=""):
    """Return what makes the company with a bound, over a database; "" is the home's own."""

    def made(bound="anytime", policies=POLICIES, **more):
        company = Office(home, crm, box, port, policies=policies.replace("BOUND", bound), **more)
        if url:
            app = company.home / "config/app.yaml"
            app.write_text(app.read_text() + f'database: "{url}"\n')
        return company

    return made


@pytest.fixture
async def office(tmp_path):
    """Make the company; its CRM and post office run as long as the test."""
    box = Mailbox()
    with serving() as crm:
        async with post_office(box) as port:
            yield _over(tmp_path / "home", crm, box, port)


@pytest.fixture
async def anywhere(tmp_path, url):
    """Make the company over each kind of database."""
    box = Mailbox()
    with serving() as crm:
        async with post_office(box) as port:
            yield _over(tmp_path / "home", crm, box, port, url)


def git(folder, *arguments, email="zeynep@anadolu.example"):
    who = ["-c", f"user.email={email}", "-c", "user.name=x", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)
