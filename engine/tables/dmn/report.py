"""What an import did, for people."""

from collections.abc import Iterator

from engine.tables.dmn.carry import Carried
from engine.tables.dmn.written import quoted

_TYPES = {"string": "text", "number": "number", "boolean": "boolean", "date": "date", "date and time": "datetime"}
_MANY = frozenset({"C", "R", "O"})
"""The hit policies that give a list."""


def report(carried: Carried, source: str) -> str:
    """Return what was carried over and what was not, as Markdown."""
    return "\n".join(_report(carried, source)) + "\n"


def _field_type(carried: Carried, name: str) -> str:
    """Return the model's type of what a decision gives; `any` where it is a list or a context, or nobody says."""
    table = carried.tables.get(name)
    outputs = table.outputs if table is not None and table.policy not in _MANY else ()
    stated = outputs[0].type if len(outputs) == 1 else None
    return _TYPES.get(stated.text, "any") if stated is not None else "any"


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
        yield from (
            f"{name}: {{type: {_field_type(carried, name)}, derived: {quoted(call)}}}"
            for name, call in carried.calls.items()
        )
        yield from ("```", "")
    for title, pairs in (("Types", carried.types), ("Names that changed", carried.renamed)):
        if pairs:
            yield from (f"## {title}", "", *(f"- `{name}`: `{text}`" for name, text in pairs.items()), "")
    yield from ("## Not carried over", "", *([f"- {each}" for each in carried.left_out] or ["Nothing was left out."]))
