"""Exit codes: 0 good, 1 faults found, 2 wrong usage, 3 could not be done; each once by a real process."""

import json
import socket
import subprocess
import sys

import pytest

from api.cli.root import opslayer as opslayer_group
from api.cli.shell import run

OPSLAYER = [sys.executable, "-c", "from api.cli import main; main()"]


def opslayer(*arguments):
    return subprocess.run([*OPSLAYER, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)


def test_0_when_it_is_done_and_good(home, call):
    for arguments in (["--version"], ["feel", "1 + 1"], ["verify"]):
        assert call(*arguments).code == 0
    done = opslayer("--home", home, "check")
    assert done.returncode == 0, done.stderr


def test_1_when_faults_were_found(home, call):
    (home / "rules" / "reminders" / "ruleset.yaml").write_text("format: 1\nrules:\n  - id: late\n    fro: customer\n")
    checked, tested = opslayer("--home", home, "--json", "check"), call("--json", "test")
    for code, out, err in (
        (checked.returncode, checked.stdout, checked.stderr),
        (tested.code, tested.out, tested.err),
    ):
        assert code == 1
        assert "ruleset.yaml:" in err
        assert any("ruleset.yaml:4" in each["where"] for each in json.loads(out)["problems"])


@pytest.mark.parametrize(
    "arguments",
    [
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
def test_2_when_it_is_called_wrongly(call, arguments):
    done = call(*arguments)
    assert (done.code, done.out) == (2, "")
    assert "Usage" in done.err


def test_2_from_a_process_too():
    done = opslayer("nope")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Usage" in done.stderr


@pytest.mark.parametrize("wrong", [("--clock", "simulated"), ("--at", "2026-01-05"), ("--proxy", "nobody")])
def test_2_and_not_3_when_the_port_is_taken_and_an_option_is_wrong_too(call, wrong):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert call("serve", "--port", str(taken.getsockname()[1]), *wrong).code == 2


def test_3_when_it_could_not_be_done(home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = opslayer("--home", home, "serve", "--port", taken.getsockname()[1])
    assert done.returncode == 3
    assert "cannot listen" in done.stderr
    assert "Traceback" not in done.stderr


def test_3_when_a_source_is_down(home, call):
    (home / "data" / "customers.csv").unlink()
    done = call("sync", "ledger")
    assert done.code == 3
    assert "customers.csv" in done.out


def test_global_options_may_follow_the_command(home, capsys):
    assert run(opslayer_group, ["check", "--home", str(home), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True
