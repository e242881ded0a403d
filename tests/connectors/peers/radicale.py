"""Radicale, a CalDAV server, run from a folder of its own."""

import sys
from contextlib import contextmanager
from importlib.util import find_spec

from tests.connectors.peers import absent, free_port, process

CONFIGURATION = """
[server]
hosts = 127.0.0.1:{port}
[auth]
type = htpasswd
htpasswd_filename = {home}/users
htpasswd_encryption = plain
[rights]
type = owner_only
[storage]
filesystem_folder = {home}/collections
[web]
type = none
[logging]
level = warning
"""


@contextmanager
def radicale(home):
    """The address of a server with the user `ada`, whose password is `secret`; it ends with the block."""
    if find_spec("radicale") is None:
        absent("radicale", "Radicale is not there: pip install radicale")
    port = free_port()
    (home / "users").write_text("ada:secret\n")
    (home / "config").write_text(CONFIGURATION.format(port=port, home=home))
    command = [sys.executable, "-m", "radicale", "--config", str(home / "config")]
    with process(command, f"http://127.0.0.1:{port}", cwd=home, log=home / "log") as url:
        yield url
