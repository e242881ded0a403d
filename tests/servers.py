"""A PostgreSQL server of the test's own."""

import os
import shutil
import socket
import subprocess
from contextlib import contextmanager, suppress
from glob import glob

from tests.connectors.peers import absent

POSTGRES = sorted(glob("/usr/lib/postgresql/*/bin"))  # noqa: PTH207


@contextmanager
def server(folder, *settings):
    """Run a server on a folder that the user postgres may write; yields its address, what starts and what kills it.

    `settings`: those of initdb.
    """
    if not POSTGRES or shutil.which("setpriv") is None:
        absent("postgres", "no PostgreSQL server is installed")
    who = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"] if os.geteuid() == 0 else []
    port = _free()

    def run(tool, *options):
        subprocess.run([*who, f"{POSTGRES[-1]}/{tool}", *options], check=True, stdout=subprocess.DEVNULL, cwd="/tmp")

    run("initdb", "-D", f"{folder}/data", "-A", "trust", "-U", "postgres", "--no-sync", *settings)
    options = f"-k {folder} -p {port} -c listen_addresses=127.0.0.1"

    def start():
        run("pg_ctl", "-D", f"{folder}/data", "-w", "-o", options, "-l", f"{folder}/log", "start")

    def kill():
        run("pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "stop")

    start()
    try:
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres", start, kill
    finally:
        with suppress(subprocess.CalledProcessError):
            kill()


def _free():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
