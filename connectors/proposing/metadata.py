"""A draft from an OData service's $metadata."""

from typing import Any

from connectors.odata.metadata import EntitySet, read_metadata
from connectors.proposing.draft import Draft, StreamDraft, changed_field, stream_name
from connectors.proposing.operations import DOUBT, of_entity_set

KEY_TYPES = {"Guid": "guid", "Int16": "number", "Int32": "number", "Int64": "number", "Decimal": "number"}


def from_metadata(xml: str, env: str) -> Draft:
    """Return the entity sets as streams; raises Unreadable."""
    version = 4 if "docs.oasis-open.org/odata/ns/edm" in xml and 'Version="4' in xml else 2
    streams: dict[str, StreamDraft] = {}
    operations: dict[str, Any] = {}
    doubts = []
    for each in read_metadata(xml).values():
        if not each.key:
            continue
        name = stream_name(each.name, streams)
        streams[name] = _stream(each)
        if "changed" not in streams[name].settings:
            doubts.append(f"{name}: no property tells of changes, so every read is whole")
        operations |= dict(of_entity_set(each))
    auth = {"basic": {"user": {"env": f"{env}_USER"}, "password": {"env": f"{env}_PASSWORD"}}}
    settings = {"connector": "odata", "url": {"env": f"{env}_URL"}, "version": version, "auth": auth}
    doubts += [DOUBT.format(name=name) for name in operations]
    return Draft(settings, streams, tuple(doubts), operations)


def _stream(each: EntitySet) -> StreamDraft:
    fields = {name: one.type for name, one in each.properties.items() if not one.type.startswith("Collection(")}
    settings: dict[str, Any] = {"entity_set": each.name, "key": each.key[0] if len(each.key) == 1 else list(each.key)}
    if len(each.key) == 1 and (kind := KEY_TYPES.get(fields.get(each.key[0], ""))):
        settings["key_type"] = kind
    if changed := changed_field(fields):
        kind = "datetime" if fields[changed] == "DateTime" else "datetimeoffset"
        settings |= {"changed": changed, "changed_type": kind, "scan": "P1D"}
    settings |= {"select": list(fields), "fields": list(fields)}
    return StreamDraft(settings, fields)
