"""What changed in a decision table, in words: its columns, and row by row the cells."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from engine.source.expression import Expression
from engine.tables.structs import InputClause, OutputClause, Row, Table
from evals.diff.wording import quoted


def retabled(old: Table, new: Table) -> Iterator[str]:
    """Yield how two versions of a table differ; rows are numbered as in the new one, and as in the old when gone."""
    for key, before, after in (("hit", old.policy, new.policy), ("for", old.for_ or "", new.for_ or "")):
        if before != after:
            yield f"`{key}` {_shown(before)} -> {_shown(after)}"
    if old.about.strip() != new.about.strip():
        yield "`about` has another text"
    yield from _columns("input", [_input(each) for each in old.inputs], [_input(each) for each in new.inputs])
    yield from _columns("output", [_output(each) for each in old.outputs], [_output(each) for each in new.outputs])
    yield from _rows(old, new)


Column = tuple[str, dict[str, str]]


def _input(clause: InputClause) -> Column:
    kind, values = clause.type, _texts(clause.values)
    return clause.name, {"expression": _one(clause.expression), "type": _one(kind), "values": ", ".join(values)}


def _output(clause: OutputClause) -> Column:
    kind, values = clause.type, _texts(clause.values)
    return clause.name, {"type": _one(kind), "values": ", ".join(values), "default": _one(clause.default)}


def _columns(what: str, before: Sequence[Column], after: Sequence[Column]) -> Iterator[str]:
    known, present = dict(before), dict(after)
    yield from (f"the {what} {_shown(name)} is gone" for name in known if name not in present)
    yield from (f"the {what} {_shown(name)} is new" for name in present if name not in known)
    for name, texts in present.items():
        for key, text in texts.items():
            if name in known and known[name][key] != text:
                yield f"the {what} {_shown(name)}: `{key}` {_shown(known[name][key])} -> {_shown(text)}"
    shared = [[name for name, _ in columns if name in known and name in present] for columns in (before, after)]
    if shared[0] != shared[1]:
        yield f"the {what}s stand in another order"


def _rows(old: Table, new: Table) -> Iterator[str]:
    cells = [[_cells(row) for row in table.rows] for table in (old, new)]
    for _, first, last, start, end in SequenceMatcher(a=cells[0], b=cells[1], autojunk=False).get_opcodes():
        if cells[0][first:last] == cells[1][start:end]:
            continue
        paired = min(last - first, end - start)
        for step in range(paired):
            told = "; ".join(_row(old, old.rows[first + step], new, new.rows[start + step]))
            yield f"row {start + step + 1}{_noted(new.rows[start + step])}: {told}"
        for number in range(first + paired, last):
            yield f"row {number + 1}{_noted(old.rows[number])} is gone: {_line(old.rows[number])}"
        for number in range(start + paired, end):
            yield f"row {number + 1}{_noted(new.rows[number])} is new: {_line(new.rows[number])}"


def _row(old: Table, before: Row, new: Table, after: Row) -> Iterator[str]:
    for names, was, present in (
        (_names(old.inputs, new.inputs, "input"), before.when, after.when),
        (_names(old.outputs, new.outputs, "output"), before.then, after.then),
    ):
        if len(was) != len(present):
            yield f"{_line(before)} -> {_line(after)}"
            return
        for name, one, other in zip(names, _texts(was), _texts(present), strict=False):
            if one != other:
                yield f"{name} {_shown(one)} -> {_shown(other)}"
    if before.note.strip() != after.note.strip():
        yield f"its note reads {quoted(after.note)}"


def _names(
    old: Sequence[InputClause | OutputClause], new: Sequence[InputClause | OutputClause], what: str
) -> list[str]:
    return [f"`{each.name}`" if each.name else f"the {what}" for each in (new or old)]


def _cells(row: Row) -> tuple[object, ...]:
    return _texts(row.when), _texts(row.then), row.note.strip()


def _texts(cells: Sequence[Expression]) -> tuple[str, ...]:
    return tuple(_one(each) for each in cells)


def _one(text: Expression | None) -> str:
    return "" if text is None else " ".join(text.text.split())


def _shown(text: str) -> str:
    return quoted(text) if text else "nothing"


def _noted(row: Row) -> str:
    return f" ({' '.join(row.note.split())})" if row.note.strip() else ""


def _line(row: Row) -> str:
    return (
        f"{' | '.join(_shown(each or '-') for each in _texts(row.when))} -> {' | '.join(map(_shown, _texts(row.then)))}"
    )
