"""Roundup, a tracker with a REST interface, run from a folder of its own."""

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from importlib.util import find_spec

from tests.connectors.peers import absent, free_port, process

ADMIN = [sys.executable, "-m", "roundup.scripts.roundup_admin"]
SERVER = [sys.executable, "-m", "roundup.scripts.roundup_server"]
TITLE = 'priority=Link("priority"),\n'


@contextmanager
def roundup(home, calls=100_000):
    """The address of a tracker with the user `admin`, whose password is `secret`; `calls`: how many it takes a minute.

    Its issues have two fields that the company has added: `code`, and `opslayer_key`.
    """
    if find_spec("roundup") is None:
        absent("roundup", "Roundup is not there: pip install roundup")
    port, tracker = free_port(), home / "tracker"
    url = f"http://127.0.0.1:{port}/tracker/"
    given = f"mail_domain=acme.example,mail_host=localhost,tracker_web={url}"
    _run([*ADMIN, "-i", str(tracker), "install", "classic", "sqlite", given], home)
    schema, config = tracker / "schema.py", tracker / "config.ini"
    told = schema.read_text()
    assert TITLE in told
    schema.write_text(
        told.replace(TITLE, f"{TITLE}                code=String(),\n                opslayer_key=String(),\n")
    )
    settings = (("password_pbkdf2_default_rounds = 250000", "password_pbkdf2_default_rounds = 1000"),
              ("api_calls_per_interval = 0", f"api_calls_per_interval = {calls}"),
              ("api_interval_in_sec = 3600", "api_interval_in_sec = 60"))  # fmt: skip
    text = config.read_text()
    for before, after in settings:
        assert before in text
        text = text.replace(before, after)
    config.write_text(text)
    _run([*ADMIN, "-i", str(tracker), "initialise", "secret"], home)
    as_whom = []
    if os.getuid() == 0:  # it refuses to serve as root
        as_whom = ["-u", "nobody"]
        for path in (home, tracker, *tracker.rglob("*")):
            shutil.chown(path, "nobody")
    command = [*SERVER, "-n", "127.0.0.1", "-p", str(port), *as_whom, f"tracker={tracker}"]
    with process(command, url, cwd=home, log=home / "log"):
        yield f"{url}rest"


def _run(command, home):
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
