"""The environment variables there are: those that the program reads by itself, and those that shipped files name."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

READ: Final = {
    "OPSLAYER_PERSON": "Who acts on the command line, where `--as` is not given.",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "Where traces are sent, e.g. `http://collector:4318` (extra `telemetry`).",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "The same, for traces alone.",
    "OTEL_SERVICE_NAME": "What the process is called in traces; `opslayer` by default.",
    "LISTEN_FDS": "Set by systemd: the socket is handed over, and `--port` does not count.",
    "LISTEN_PID": "Set by systemd, for whom the socket is.",
    "GITHUB_WORKSPACE": "Set by GitHub: what paths in `check --annotations github` are relative to.",
}
"""What the code reads."""
_ROOT: Final = Path(__file__).parents[2]
_FOLDERS: Final = ("config", "mappings", "api/starter/home", "examples", "connectors/manifests")
_NAMED: Final = re.compile(r"\{env: *(\w+)(?:, *default: *(?:\"([^\"]*)\"|([^}]*)))?\}")


def environment_page() -> str:
    """Return docs/reference/environment.md."""
    read = "".join(f"| `{name}` | {about} |\n" for name, about in READ.items())
    return HEAD + read + NAMES + "".join(_rows())


def _rows() -> Iterator[str]:
    found: dict[tuple[str, str], list[str]] = {}
    for folder in _FOLDERS:
        for file in sorted((_ROOT / folder).rglob("*.yaml")):
            for name, quoted, plain in _NAMED.findall(file.read_text(encoding="utf-8")):
                found.setdefault((name, quoted or plain), []).append(file.relative_to(_ROOT).as_posix())
    for (name, default), files in sorted(found.items()):
        told = ", ".join(f"`{file}`" for file in dict.fromkeys(files))
        yield f"| `{name}` | {f'`{default}`' if default else 'must be set'} | {told} |\n"


HEAD: Final = """# Environment variables

Generated; a test keeps it current. Settings stand in the files of the home folder, and any value there may be taken
from the environment: `{env: NAME}`, or `{env: NAME, default: VALUE}`. Secrets are stated in no other way. A variable that
is not set is no fault of the file; the source or model that needs it is down and says so.

What the program reads by itself:

| variable | what it does |
|---|---|
"""
NAMES: Final = """
What shipped files name. Yours may name others.

| variable | default | named in |
|---|---|---|
"""
