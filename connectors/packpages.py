"""The pages docs/packs/NAME.md: what is written by hand there, and what follows from manifest and mapping."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.packs import Pack
from engine.source import parse_yaml, plain

BEGIN = "<!-- what follows is generated from the manifest and the mapping; a test keeps it current -->\n"
KNOWN_BY = {
    "native_key": "the vendor, by our key",
    "upsert": "writing the same again changes nothing",
    "probe": "looked up by our key",
    "none": "nothing; a person looks",
}


def page(pack: Pack, text: str) -> str:
    """Return the page with its generated part made anew."""
    return text.partition(BEGIN)[0] + BEGIN + "\n".join(_generated(pack))


def _generated(pack: Pack) -> Iterator[str]:
    manifest, mapping = _tree(pack.manifest, pack.name), _tree(pack.mapping, pack.name)
    about, streams = manifest["pack"], {**manifest.get("webhook", {}).get("streams", {}), **manifest["streams"]}
    yield from ("", "## Variables", "")
    yield from _table(("variable", "is used as", "when it is not set"), _variables(manifest))
    yield from ("", "## What is read", "")
    every = _span(manifest.get("every", "PT5M"))
    yield f"Changes: {about['delta']}. Deletions: {about['deletes']}. Read every {every}."
    if about.get("webhook", "no") != "no":
        yield f"Webhook: {about['webhook'].partition(': ')[2]}."
    yield ""
    rows = ((name, *_stream(name, mapping)) for name in streams)
    yield from _table(("stream", "becomes", "fields"), rows)
    if operations := manifest.get("operations"):
        yield from ("", "## What is written, once the source says `write: true`", "")
        heads = ("operation", "needs", "may be given", "consequence", "leaves the company", "a repeat is known by")
        yield from _table(heads, ((f"`{name}`", *_operation(each)) for name, each in operations.items()))
    if limits := manifest.get("limits"):
        together = f", {limits['concurrent']} at once" if "concurrent" in limits else ""
        yield from ("", "## Limits", "", f"At most {limits['rate']} requests in {_span(limits['per'])}{together}.")
    yield from ("", f"Tested against {about['tested']}.", "")


def _stream(name: str, mapping: Mapping[str, Any]) -> tuple[str, str]:
    """Return the entities of a stream, and the fields that its mapping fills."""
    entities = mapping["streams"].get(name, [])
    filled = [field for entity in entities for field in entity.get("fields", {})]
    return ", ".join(f"`{entity['entity']}`" for entity in entities), ", ".join(dict.fromkeys(filled))


def _operation(each: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
    fields: Mapping[str, bool] = each["fields"]
    needs = ", ".join(name for name, needed in fields.items() if needed)
    given = ", ".join(name for name, needed in fields.items() if not needed)
    known = KNOWN_BY[each.get("idempotency", "upsert" if "match" in each else "none")]
    return needs, given, each["consequence"], "yes" if each["leaves_company"] else "no", known


def _variables(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield each variable once, with the setting that takes it."""
    seen = set[str]()
    for path, variable in _named(manifest, ()):
        name = str(variable["env"])
        if name not in seen:
            seen.add(name)
            default = variable.get("default")
            without = "the webhook is closed" if path[0] == "webhook" else "the source is down"
            if default is not None:
                without = f"`{default}`" if default else "nothing is subscribed to"
            yield f"`{name}`", f"`{'.'.join(path)}`", without


def _named(value: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    if isinstance(value, Mapping):
        if "env" in value:
            yield path, value
            return
        for key, each in value.items():
            yield from _named(each, (*path, str(key)))


def _table(heads: Sequence[str], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * len(heads)
    yield from ("| " + " | ".join(each.replace("|", "\\|") for each in row) + " |" for row in rows)


def _span(text: str) -> str:
    """Return a duration in words: `PT10S` is 10 s."""
    units = {"S": "s", "M": "min", "H": "h", "D": "d"}
    return f"{text.lstrip('PT')[:-1]} {units[text[-1]]}"


def _tree(text: str, name: str) -> dict[str, Any]:
    root = parse_yaml(text, name).root
    assert root is not None
    found: dict[str, Any] = plain(root)
    return found
