"""What an import did, for people."""

from collections.abc import Iterator

from engine.tables.dmn.carry import Carried
from engine.tables.dmn.written import quoted


def report(carried: Carried, source: str) -> str:
    """Return what was carried over and what was not, as Markdown."""
    return "\n".join(_report(carried, source)) + "\n"


def _report(carried: Carried, source: str) -> Iterator[str]:
    yield from (f"# Carried over from {source}", "", f"{len(carried.tables)} tables, in `tables/`.", "")
    if carried.calls:
        yield from (
            "## Decisions as expressions",
            "",
            "For rules, or as derived fields in config/model.yaml:",
            "",
            "```yaml",
        )
        yield from (f"{name}: {{type: any, derived: {quoted(call)}}}" for name, call in carried.calls.items())
        yield from ("```", "")
    for title, pairs in (("Types", carried.types), ("Names that changed", carried.renamed)):
        if pairs:
            yield from (f"## {title}", "", *(f"- `{name}`: `{text}`" for name, text in pairs.items()), "")
    yield from ("## Not carried over", "", *([f"- {each}" for each in carried.left_out] or ["Nothing was left out."]))
