"""Writes that a description names, proposed as dangerous as can be: a person says of each what it does."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from connectors.odata.metadata import EntitySet
from connectors.proposing.draft import words

GRAVE: Mapping[str, Any] = {"consequence": "high", "leaves_company": True, "idempotency": "none"}
"""What is not known of a write is taken for the worst."""
DOUBT = (
    "{name}: a write that changes something outside; say its consequence, how a repeat is known, what must hold before"
)
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SPOKEN = frozenset({
    "if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "between", "and", "or", "not", "true",
    "false", "null", "function", "external", "instance", "of", "date", "time", "duration", "key", "now",
})  # fmt: skip
"""Words that mean something in FEEL, or in an operation."""
_LAST = re.compile(r"^(?P<collection>.*)/\{(?P<param>[^{}]+)\}$")


def of_request(method: str, path: str, fields: Mapping[str, bool]) -> tuple[str, dict[str, Any]] | None:
    """Return the operation of a POST to a collection, or of a PATCH or PUT of one of its items; None for others."""
    item = _LAST.match(path)
    collection = item["collection"] if item else path
    if "{" in collection or (method == "post") is bool(item):
        return None
    named = {name: required for name, required in fields.items() if speakable(name)}
    if not named or (item and not speakable(item["param"])):
        return None
    param = item["param"] if item else ""
    body = {name: name for name in named if name != param}
    settings: dict[str, Any] = {"path": f"{collection}/{{{param}}}" if item else path}
    if item:
        settings["method"] = method.upper()
    # What a change leaves out would be written as null, so it leaves out nothing until a person has cut it down.
    fields = {param: True, **dict.fromkeys(body, True)} if item else named
    settings |= {"json": body, "fields": fields}
    verb = "create" if method == "post" else "update"
    return "_".join((verb, *words(collection.rstrip("/").rsplit("/", 1)[-1]))), {**settings, **GRAVE}


def of_entity_set(each: EntitySet) -> Iterable[tuple[str, dict[str, Any]]]:
    """Yield the creation and the change of an entity of a set."""
    names = [name for name, one in each.properties.items() if speakable(name) and not one.type.startswith("Coll")]
    given = {name: name for name in names if name not in each.key}
    if not given or not all(map(speakable, each.key)):
        return
    called, keys = "_".join(words(each.name)), dict.fromkeys(each.key, True)
    fields = dict.fromkeys(given, False)
    yield f"create_{called}", {"entity_set": each.name, "set": given, "fields": fields, **GRAVE}
    key = {name: _key(name, each.properties[name].type if name in each.properties else "") for name in each.key}
    update = {
        "entity_set": each.name,
        "do": "update",
        "key": key,
        "set": given,
        "fields": {**keys, **dict.fromkeys(given, True)},
    }
    yield f"update_{called}", {**update, **GRAVE}


def speakable(name: str) -> bool:
    """Whether a name can stand in FEEL as it is."""
    return bool(_PLAIN.fullmatch(name)) and name not in _SPOKEN


def _key(name: str, type: str) -> Any:  # noqa: ANN401  (plain data)
    if type == "Guid":
        return {"value": name, "type": "guid"}
    return {"value": name, "type": "number"} if type in {"Int16", "Int32", "Int64", "Decimal"} else name
