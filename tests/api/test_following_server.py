"""A company's repository with two branches: the change is judged, merged, and followed by a real server.

Nothing is lost and nothing is decided twice on the way.
"""

import json
import os
import subprocess

import httpx
import pytest

from api.starter import write_home
from tests.api.test_serve import AT, opslayer, serving, until

RULES = "rules/reminders/ruleset.yaml"
DAY = "2026-03-{:02}T09:00:00+03:00"


class Repo:
    """A home folder in a repository of its own, on `main`."""

    def __init__(self, home):
        self.home = home
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments, who="Ada"):
        as_ = ("-c", f"user.name={who}", "-c", f"user.email={who.lower()}@example.org")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        command = ["git", "-C", str(self.home), *as_, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout.strip()

    def edit(self, old, new, file=RULES):
        path = self.home / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    def commit(self, message, who="Ada"):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message, who=who)

    def change(self, message, *edits, branch="change"):
        """Make a commit of Ada's on a branch, and go back to main."""
        self.git("checkout", "-q", "-B", branch, "main")
        for edit in edits:
            self.edit(*edit)
        self.commit(message)
        self.git("checkout", "-q", "main")

    def merge(self, branch="change"):
        """Grace merges it."""
        self.git("merge", "-q", "--no-ff", "-m", f"Merge {branch}", branch, who="Grace")


@pytest.fixture
def repo(tmp_path):
    write_home(tmp_path / "home")
    (tmp_path / "home" / ".gitignore").write_text(".opslayer/\n")

    for file in (tmp_path / "home" / "data").glob("*.csv"):
        file.write_text(file.read_text("utf-8").splitlines()[0] + "\n", "utf-8")  # the test tells all there is
    (tmp_path / "home" / "rules" / "reminders" / "examples.yaml").unlink()
    repo = Repo(tmp_path / "home")
    repo.edit("company: Acme\n", "company: Acme\nfollow: {branch: main, every: PT0.2S}\n", "config/app.yaml")
    repo.commit("the first rules")
    return repo


def told(number, subject, /, **data):
    event = {"specversion": "1.0", "id": number, "source": "ledger", "type": "record.changed", "subject": subject}
    return event | {"data": data}


def invoice(number, customer, due):
    data = {"number": number, "customer": customer, "amount": "100", "due_date": due, "paid_on": None}
    return told(number, f"invoices/{number}", **data)


async def test_a_merged_branch_is_followed_without_a_lost_or_repeated_decision(repo):
    admin = (await opslayer(repo.home, "keys", "create", "--role", "admin", "--name", "test")).strip()
    async with (
        serving(repo.home, "--clock", "simulated", "--at", AT) as (_, urls),
        httpx.AsyncClient(base_url=urls["url"], headers={"Authorization": f"Bearer {admin}"}, timeout=60) as client,
    ):

        async def config():
            return (await client.get("/api/v1/config")).json()

        async def proposals():
            found = (await client.get("/api/v1/decisions")).json()
            rows = found["items"] if isinstance(found, dict) else found
            return sorted((each["key"]["subject"], each["revision"]) for each in rows if each["kind"] == "propose")

        async def tell(*events):
            headers = {"content-type": "application/cloudevents-batch+json"}
            answer = await client.post("/api/v1/events", content=json.dumps(events), headers=headers)
            assert answer.json()["accepted"] == len(events)

        async def reach(day):
            assert (await client.post("/api/v1/clock", json={"advance_to": DAY.format(day)})).status_code == 200

        first = (await until(config, lambda now: now["commit"]))["revision"]
        names = {"C1": "2026-02-22", "C2": "2026-03-01", "C3": "2026-03-04"}
        await tell(*(told(id, f"customers/{id}", id=id, name=id, email=f"{id}@x.example") for id in names))
        await tell(*(invoice(f"I{id}", id, due) for id, due in names.items()))
        await reach(6)
        assert await proposals() == [("customer:C1", first)]

        repo.change("Wait longer", ("P7D", "P9D"))
        judged = await client.post("/api/v1/config/diff", json={"base": "main", "head": "change"})
        found = judged.json()
        assert judged.headers["x-differs"] == "true"
        assert any('threshold "P7D" -> "P9D"' in line for each in found["changes"] for line in each["details"])
        assert [(each["effect"], each["count"]) for each in found["behaviour"]["tallies"]] == [("changes", 1)]
        (example,) = found["behaviour"]["examples"]  # on the 4th at midnight instead of the 2nd, when it was told
        assert (example["subject"], example["details"]) == ("customer:C1", ["1 day later"])
        assert (await config())["revision"] == first  # a branch alone changes nothing

        repo.merge()
        merged = repo.git("rev-parse", "main")
        now = await until(config, lambda now: now["commit"] == merged)
        second = now["revision"]
        assert now["followed"]["state"] == "in-force"
        assert now["approvers"] == ["Grace <grace@example.org>"]

        await reach(9)  # C2 would have been reminded on the 9th by the first rules, and is on the 11th by the second
        assert await proposals() == [("customer:C1", first)]
        await reach(20)
        assert await proposals() == [("customer:C1", first), ("customer:C2", second), ("customer:C3", second)]

        repo.change("A slip", ("oldest_due !=", "oldest_dew !="), branch="slip")
        repo.merge("slip")
        refused = await until(config, lambda now: now["followed"]["state"] == "refused")
        assert refused["revision"] == second
        assert refused["followed"]["problems"][0]["where"].startswith(f"{RULES}:")
        repo.git("reset", "-q", "--hard", "HEAD~1")  # a force-push: the branch goes back
        await until(config, lambda now: now["followed"]["commit"] == merged)
        history = (await client.get("/api/v1/config/history")).json()
        assert [each["kind"] for each in history].count("refused") == 1
        assert len(await proposals()) == 3
    assert "no fault" in await opslayer(repo.home, "check")
