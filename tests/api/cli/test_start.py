"""A command loads what it needs: checking a home starts no server and opens no store."""

import subprocess
import sys

from api.starter import write_home

SCRIPT = """
import sys
from api.cli.root import opslayer
from api.cli.shell import run
code = run(opslayer, sys.argv[1:])
print(code, sorted({name.partition(".")[0] for name in sys.modules} & {"litestar", "uvicorn", "alembic"}))
"""


def test_check_loads_neither_the_server_nor_what_migrates(tmp_path):
    write_home(tmp_path / "home")
    command = [sys.executable, "-c", SCRIPT, "--home", str(tmp_path / "home"), "check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "0 []"
