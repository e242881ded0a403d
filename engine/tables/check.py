"""What `opslayer check` says of tables that compile: gaps, overlaps, rows never reached, values outside lists."""

from collections.abc import Iterator, Sequence

from engine.feel import Env, Range, Value
from engine.source.expression import Expression
from engine.source.problem import Place, Problem
from engine.tables.analyse import MOST_SHOWN, Analysis, Example, Overlap, analyse
from engine.tables.cells import Cell
from engine.tables.index import EPOCH
from engine.tables.samples import shown
from engine.tables.structs import Table
from engine.tables.table import DecisionTable


def check_table(table: Table, compiled: DecisionTable) -> Iterator[Problem]:
    """Return errors and warnings (by their level) about one table."""
    yield from _inputs_outside(table, compiled)
    yield from _outputs_outside(table, compiled)
    analysis = analyse(compiled)
    yield from _overlaps(table, analysis)
    yield from _gaps(table, analysis)
    yield from _unreached(table, analysis)
    yield from _unsaid(table, analysis)


def _warning(code: str, message: str, place: Place, hint: str = "") -> Problem:
    return Problem(code, message, place, hint, level="warning")


# --- values outside of the declared lists -----------------------------------------------------------------------------


def _inputs_outside(table: Table, compiled: DecisionTable) -> Iterator[Problem]:
    for number, (clause, each) in enumerate(zip(table.inputs, compiled.inputs, strict=True)):
        for row, line in zip(table.rows, compiled.rows, strict=True) if each.allowed else ():
            for test in line.when[number].tests:
                named = test.operator in ("", "=", "!=") and not isinstance(test.operand, Range | list)
                if named and test.operand is not None and not _among(each.allowed, test.operand):
                    yield _outside(test.operand, each.name, clause.values, row.when[number].place)


def _outputs_outside(table: Table, compiled: DecisionTable) -> Iterator[Problem]:
    for number, (clause, each) in enumerate(zip(table.outputs, compiled.outputs, strict=True)):
        if not each.allowed:
            continue
        cells = [(row.then[number], line.then[number]) for row, line in zip(table.rows, compiled.rows, strict=True)]
        if clause.default and each.default:
            cells.append((clause.default, each.default))
        for text, entry in cells:
            if entry.program is None and entry.value is not None and not _among(each.allowed, entry.value):
                yield _outside(entry.value, each.name or "the output", clause.values, text.place)


def _among(allowed: Sequence[Cell], value: Value) -> bool:
    env = Env(EPOCH)
    return any(cell.program is not None or cell.holds(value, {}, env) for cell in allowed)


def _outside(value: Value, name: str, values: Sequence[Expression], place: Place) -> Problem:
    listed = ", ".join(each.text for each in values)
    return Problem("bad-value", f"{shown(value)} is no value of {name}", place, f"values: {listed}")


# --- findings of the analysis -----------------------------------------------------------------------------------------


def _overlaps(table: Table, analysis: Analysis) -> Iterator[Problem]:
    found = [each for each in analysis.overlaps if table.policy == "U" or (table.policy == "A" and each.differ)]
    for overlap in found[:MOST_SHOWN]:
        yield _overlap(table, overlap)
    if len(found) > MOST_SHOWN:
        message = f"{len(found) - MOST_SHOWN} more pairs of rows overlap in the table {table.name}"
        yield Problem("table-overlap", message, table.place)


def _overlap(table: Table, overlap: Overlap) -> Problem:
    first, second = overlap.rows
    what = "both match" if table.policy == "U" else "both match and give different outputs"
    message = f"rows {first + 1} and {second + 1} of {table.name} {what}{_when(overlap.example)}"
    hint = (
        "narrow one of them, or choose the hit policy PRIORITY, FIRST or COLLECT"
        if table.policy == "U"
        else "make their outputs equal, or narrow one of them"
    )
    return Problem("table-overlap", message, table.rows[second].place, hint)


def _gaps(table: Table, analysis: Analysis) -> Iterator[Problem]:
    if any(each.default for each in table.outputs):
        return
    for gap in analysis.gaps:
        hint = "add a row, give the output a `default`, or list the input's `values`"
        yield _warning("table-gap", f"no row of {table.name} matches{_when(gap)}", table.place, hint)


def _when(example: Example) -> str:
    return f", for example {', '.join(f'{name} = {shown(value)}' for name, value in example)}" if example else ""


def _unreached(table: Table, analysis: Analysis) -> Iterator[Problem]:
    for row in analysis.impossible:
        message = f"row {row + 1} of {table.name} matches no input at all"
        yield _warning("table-unreachable", message, table.rows[row].place, "correct its ranges, or delete it")
    for row in analysis.unreachable:
        why = "earlier rows" if table.policy == "F" else "rows of higher priority"
        message = f"row {row + 1} of {table.name} is never reached: {why} match whatever it does"
        yield _warning("table-unreachable", message, table.rows[row].place, "move it up, or delete it")


def _unsaid(table: Table, analysis: Analysis) -> Iterator[Problem]:
    """Say what the analysis could not tell."""
    if analysis.exhausted:
        message = f"{table.name} is too large to be checked for gaps and overlaps as a whole"
        yield _warning("table-unchecked", message, table.place)
    elif analysis.opaque and (analysis.complete is None or (table.policy in ("U", "A") and analysis.disjoint is None)):
        rows = ", ".join(str(row + 1) for row in analysis.opaque[:MOST_SHOWN])
        more = f" and {len(analysis.opaque) - MOST_SHOWN} more" if len(analysis.opaque) > MOST_SHOWN else ""
        message = (
            f"rows {rows}{more} of {table.name} have cells that are computed; gaps and overlaps with them are unknown"
        )
        yield _warning("table-unchecked", message, table.rows[analysis.opaque[0]].place)
