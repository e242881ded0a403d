"""Real systems that tests start for themselves."""

import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[3]
INSTALL = {
    "cap": "npm install --prefix var @sap/cds@9 @cap-js/sqlite@2 @cap-js-community/odata-v2-adapter express@4",
    "oauth2-mock-server": "npm install --prefix var oauth2-mock-server@7",
    "prism": "npm install --prefix var @stoplight/prism-cli",
}


def absent(name, reason):
    """Skip with the reason, or fail where OPSLAYER_REQUIRE says that it must be there."""
    if name in os.environ.get("OPSLAYER_REQUIRE", "").split(","):
        pytest.fail(reason)
    pytest.skip(reason)


def node_modules(name, package):
    """The folder with an npm package."""
    places = [*filter(None, [os.environ.get("OPSLAYER_NODE_MODULES")]), ROOT / "var" / "node_modules"]
    found = next((Path(place) for place in places if (Path(place) / package).is_dir()), None)
    if found is None or not shutil.which("node"):
        absent(name, f"{package} is not there: {INSTALL[name]}")
    return found


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def process(command, url, *, cwd, log, env=None, seconds=60):
    """A server that answers at `url` once it is ready; it ends with the block."""
    with log.open("wb") as output:
        running = subprocess.Popen(command, cwd=cwd, stdout=output, stderr=output, env={**os.environ, **(env or {})})
        try:
            until = time.monotonic() + seconds
            while not _answers(url):
                if running.poll() is not None or time.monotonic() > until:
                    pytest.fail(f"{command[0]} did not start: {log.read_text()[-2000:]}")
                time.sleep(0.1)
            yield url
        finally:
            running.terminate()
            try:
                running.wait(10)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()


def _answers(url):
    try:
        httpx.get(url, timeout=2)
    except httpx.HTTPError:
        return False
    return True


@contextmanager
def cap(folder):
    """SAP's own server for OData V2 and V4, with the services of tests/connectors/peers/cap."""
    modules = node_modules("cap", "@sap/cds")
    home = folder / "cap"
    shutil.copytree(Path(__file__).parent / "cap", home)
    (home / "node_modules").symlink_to(modules.resolve())
    url = f"http://127.0.0.1:{free_port()}"
    command = ["node", "node_modules/@sap/cds/bin/serve.js", "all", "--port", url.rpartition(":")[2]]
    with process(command, url, cwd=home, log=folder / "cap.log", env={"NO_COLOR": "1"}):
        yield url


@contextmanager
def prism(spec, folder):
    """A mock that validates every request against an OpenAPI file."""
    modules = node_modules("prism", "@stoplight/prism-cli")
    port = free_port()
    cli = modules / "@stoplight" / "prism-cli" / "dist" / "index.js"
    command = ["node", str(cli), "mock", "--port", str(port), "--host", "127.0.0.1", str(spec)]
    with process(
        command, f"http://127.0.0.1:{port}", cwd=folder, log=folder / "prism.log", env={"NO_COLOR": "1"}
    ) as url:
        yield url
