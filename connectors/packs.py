"""The vendor packs that are shipped: a manifest and a mapping each, as text to be put into a home folder."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.source import parse_yaml, plain

FOLDER = Path(__file__).parent / "manifests"


@dataclass(frozen=True, slots=True)
class Pack:
    """One vendor's files; `mapping` fills the shipped model (`extends: base`)."""

    name: str
    manifest: str
    mapping: str


def packs() -> Iterator[Pack]:
    """Yield the packs by name."""
    for file in sorted(FOLDER.glob("*.yaml")):
        mapping = FOLDER / "mappings" / file.name
        yield Pack(file.stem, file.read_text(encoding="utf-8"), mapping.read_text(encoding="utf-8"))


def packs_page() -> str:
    """Return docs/connectors.md."""
    return HEAD + "".join(_row(pack) for pack in packs())


def _row(pack: Pack) -> str:
    root = parse_yaml(pack.manifest, pack.name).root
    assert root is not None
    manifest: dict[str, Any] = plain(root)
    name, about = pack.name, manifest["pack"]
    reads, writes = ", ".join(manifest["streams"]), ", ".join(manifest.get("operations", ()))
    cells = (
        f"[`{name}`](packs/{name}.md): {about['title']}",
        reads,
        writes,
        about["delta"],
        about["deletes"],
        about.get("webhook", "no"),
    )
    return "| " + " | ".join((*cells, about["tested"])) + " |\n"


HEAD = """# Connectors

Generated from the manifests (`connectors/manifests`); a test keeps it current.

Generic connectors reach any address:

| connector | reads | writes | tested against |
|---|---|---|---|
| `http` | REST and JSON-RPC | declared operations, signed posts among them | a server on loopback, Prism, Roundup |
| `odata` | V2 and V4 | declared operations | SAP CAP |
| `sql` | any SQLAlchemy dialect, by a cursor column | declared operations | SQLite, PostgreSQL, MariaDB |
| `files` | CSV, XLSX (extra `xlsx`), JSON lines | nothing | files, workbooks of openpyxl |
| `bank` | CAMT.053 and MT940 in a folder, entry by entry | nothing | statements of our own; MT940 is read by `mt-940` |
| `caldav` | CalDAV collections by sync token, `.ics` files (extra `caldav`) | declared operations | Radicale, files |
| `webhook` | what its system sends, signed | signed CloudEvents | GitHub's published example, `standardwebhooks` |
| `mail` | IMAP or a Maildir, each message once ([more](mail.md)) | `send` over SMTP | Dovecot, aiosmtpd |

A pack is a manifest for one of them, with a mapping to the shipped model (`extends: base`). A source reads only,
until it says `write: true`.

    opslayer connector add hubspot --as crm      the manifest, the mapping and the source
    opslayer connector check crm                 what its credentials can do; nothing is written
    opslayer connector sample crm companies      records, and what they become

A system that is not here: [connect-a-new-system.md](connect-a-new-system.md). A simulator is a program of ours that
answers like the vendor; where the last column names a client library, that library accepts it in the tests. Each
pack's page says what to prepare at the vendor, which variables to set, and all that is read and written.

| pack | reads | writes | changes | deletions | webhook | tested against |
|---|---|---|---|---|---|---|
"""
