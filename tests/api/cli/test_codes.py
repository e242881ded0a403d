"""Exit codes, by real processes: 0 good, 1 faults found, 2 wrong usage, 3 could not be done."""

import json
import socket
import subprocess
import sys

import pytest

OPSLAYER = [sys.executable, "-c", "from api.cli import main; main()"]


def opslayer(*arguments):
    return subprocess.run([*OPSLAYER, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)


def test_0_when_it_is_done_and_good(home):
    for arguments in (["--version"], ["feel", "1 + 1"], ["--home", home, "check"], ["--home", home, "verify"]):
        done = opslayer(*arguments)
        assert done.returncode == 0, (arguments, done.stderr)


def test_1_when_faults_were_found(home):
    (home / "rules" / "reminders" / "ruleset.yaml").write_text("format: 1\nrules:\n  - id: late\n    fro: customer\n")
    for command in ("check", "test"):
        done = opslayer("--home", home, "--json", command)
        assert done.returncode == 1
        assert "ruleset.yaml:" in done.stderr
        assert any("ruleset.yaml:4" in each["where"] for each in json.loads(done.stdout)["problems"])


@pytest.mark.parametrize(
    "arguments",
    [
        ["nope"],
        [],
        ["--home", "/nowhere/at/all", "check"],
        ["feel"],
        ["feel", "1 +"],
        ["feel", "1", "--context", "7"],
        ["show", "no-subject"],
        ["serve", "--clock", "simulated"],
        ["serve", "--at", "2026-01-05T08:00:00+03:00"],
        ["serve", "--clock", "simulated", "--at", "2026-01-05T08:00:00"],
        ["replay", "--source", "ledger"],
        ["keys", "create", "--role", "king", "--name", "x"],
        ["explain"],
        ["schema", "nothing"],
    ],
)
def test_2_when_it_is_called_wrongly(arguments):
    done = opslayer(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Usage" in done.stderr


def test_3_when_it_could_not_be_done(home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = opslayer("--home", home, "serve", "--port", taken.getsockname()[1])
    assert done.returncode == 3
    assert "cannot listen" in done.stderr
    assert "Traceback" not in done.stderr


def test_3_when_a_source_is_down(home):
    (home / "data" / "customers.csv").unlink()
    done = opslayer("--home", home, "sync", "ledger")
    assert done.returncode == 3
    assert "customers.csv" in done.stdout


def test_global_options_may_follow_the_command(home):
    done = opslayer("check", "--home", home, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["ok"] is True
