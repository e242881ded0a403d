"""Putting a source into a home folder: a shipped pack, or what was proposed from a system's own description."""

import asyncio
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import msgspec
from ruamel.yaml import YAML
from sqlalchemy.exc import SQLAlchemyError

from connectors.odata.metadata import Unreadable
from connectors.packs import packs
from connectors.proposing import Draft, from_database, from_metadata, from_openapi, mapping_of
from connectors.proposing.openapi import NoDescription
from engine.ports import SourceDown
from engine.rules import load_home

SOURCES = Path("config/sources.yaml")
MODELINE = "# yaml-language-server: $schema={up}config/schemas/{kind}.json\n"


class Present(Exception):
    """There is a file already; nothing was written."""


async def draft_of(described: str, home: Path, env: str) -> Draft:
    """Return the draft from a file, an address or a database URL; raises SourceDown with what is wrong."""
    try:
        if "://" in described and not described.startswith("http"):
            return await from_database(described, home, f"{env}_URL")
        text = await _text(described)
        if text.lstrip().startswith("<"):
            return from_metadata(text, env)
        return from_openapi(YAML(typ="safe", pure=True).load(text), env)
    except (OSError, ValueError, httpx.HTTPError, SQLAlchemyError, Unreadable, NoDescription) as error:
        raise SourceDown(f"{described.partition('@')[2] or described}: {str(error).splitlines()[0]}") from error


async def _text(described: str) -> str:
    if not described.startswith("http"):
        return await asyncio.to_thread(Path(described).read_text, "utf-8")
    async with httpx.AsyncClient(timeout=30) as client:
        return (await client.get(described)).raise_for_status().text


def put_draft(home: Path, name: str, draft: Draft) -> list[str]:
    """Write manifest, mapping and source of a draft; raises Present."""
    mapping = mapping_of(name, draft, load_home(home).model)
    return _put(home, name, name, _yaml(draft.manifest()), _yaml(mapping))


def put_pack(home: Path, pack_name: str, name: str) -> list[str]:
    """Write a shipped pack under the name of a source; raises KeyError for an unknown pack, Present."""
    pack = {each.name: each for each in packs()}[pack_name]
    mapping = re.sub(r"(?m)^source: .*$", f"source: {name}", _bare(pack.mapping))
    return _put(home, pack_name, name, _bare(pack.manifest), mapping)


def _put(home: Path, manifest: str, name: str, settings: str, mapping: str) -> list[str]:
    files = {
        f"config/manifests/{manifest}.yaml": MODELINE.format(up="../../", kind="manifest") + settings,
        f"mappings/{name}.yaml": MODELINE.format(up="../", kind="mapping") + mapping,
    }
    taken = [file for file in files if (home / file).exists()]
    if name in load_home(home).sources.sources:
        taken.append(f"the source {name} in {SOURCES}")
    if taken:
        raise Present(f"{', '.join(taken)}: already there, nothing was written")
    for file, text in files.items():
        (home / file).parent.mkdir(parents=True, exist_ok=True)
        (home / file).write_text(text, encoding="utf-8")
    _append(home / SOURCES, f"\n  {name}:\n    connector: {manifest}\n")
    return [*files, str(SOURCES)]


def _append(file: Path, block: str) -> None:
    text = file.read_text(encoding="utf-8") if file.exists() else "format: 1\nsources:\n"
    text = re.sub(r"(?m)^sources:\s*\{\}\s*$", "sources:", text)
    whole = file.with_suffix(".tmp")
    whole.write_text(text.rstrip("\n") + "\n" + block, encoding="utf-8")
    whole.replace(file)


def _bare(text: str) -> str:
    """Return a shipped file without the line that ties it to the schema beside the packages."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("# yaml-language-server"))


def _yaml(value: Mapping[str, Any]) -> str:
    writer, out = YAML(), io.StringIO()
    writer.default_flow_style = False
    writer.width = 120
    writer.dump(msgspec.to_builtins(value), out)
    return out.getvalue()
