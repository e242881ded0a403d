"""A comparison as text for a terminal and as Markdown for a pull request."""

from collections.abc import Iterator, Sequence

from evals.diff.structs import Behaviour, Explained, Report, Tally
from evals.report import aligned

_VERB = {"propose": "proposal", "withdraw": "withdrawal", "expire": "expiry", "ask": "question"}
_MANY = {"propose": "proposals", "withdraw": "withdrawals", "expire": "expiries", "ask": "questions"}
_CUSTOMERS = 20


def text(report: Report) -> str:
    """Return the report for a terminal."""
    lines = [f"{report.base} -> {report.head}", ""]
    lines += [f"  {each}" for each in report.changes] or ["  nothing changed in the configuration"]
    lines += [f"  {each}" for each in unseen(report)]
    lines += [str(each) for each in report.problems]
    if report.behaviour is not None:
        lines += ["", *_plain(report.behaviour)]
    return "\n".join(lines)


def _plain(found: Behaviour) -> Iterator[str]:
    yield span(found)
    if found.tallies:
        header = ["rule", "what", "", "count", "customers", "amounts"]
        yield from aligned([header, *(list(_row(each)) for each in found.tallies)])
    yield from notes(found)
    for each in found.examples:
        yield ""
        yield title(each)
        yield from (f"    {line}" for line in reasons(each))


def markdown(report: Report) -> str:
    """Return the report as Markdown."""
    lines = [f"## Configuration: `{report.base}` → `{report.head}`", "", "### What changed", ""]
    lines += [f"- {_escaped(str(each))}" for each in report.changes] or ["Nothing."]
    lines += [f"- {_escaped(each)}" for each in unseen(report)]
    if report.problems:
        lines += ["", "### What is wrong", "", "```", *map(str, report.problems), "```"]
    if report.behaviour is not None:
        lines += ["", "### What it does", "", *_marked(report.behaviour)]
    return "\n".join(lines) + "\n"


def _marked(found: Behaviour) -> Iterator[str]:
    yield span(found)
    yield ""
    if found.tallies:
        yield "| rule | what | | count | customers | amounts |"
        yield "|---|---|---|---:|---:|---:|"
        yield from ("| " + " | ".join(map(_escaped, _row(each))) + " |" for each in found.tallies)
        yield ""
    for line in notes(found):
        yield f"- {_escaped(line)}"
    for each in found.examples:
        yield from ("", f"<details><summary>{_escaped(title(each))}</summary>", "")
        yield from (f"- {_escaped(line)}" for line in reasons(each))
        yield from ("", "</details>")


def _escaped(line: str) -> str:
    return line.replace("|", "\\|").replace("<", "&lt;")


# --- sentences ----------------------------------------------------------------------------------------------------


def span(found: Behaviour) -> str:
    """Say over what was compared, and what came of it."""
    over = _counted(found.inputs, "input", "inputs") if found.first else _counted(found.inputs, "case", "cases")
    if found.first and found.last:
        over += f" from {found.first:%Y-%m-%d} to {found.last:%Y-%m-%d}"
    if not found.inputs:
        return "There is no history to compare decisions over."
    count = sum(each.count for each in found.tallies)
    if not count:
        return f"Over {over} no decision differs."
    differ = f"{_counted(count, 'decision differs', 'decisions differ')}, for "
    differ += _counted(len(found.customers), "customer", "customers")
    return f"Over {over}: {differ}; {found.unchanged:,} are the same."


def unseen(report: Report) -> Iterator[str]:
    """Yield what of the changes no comparison of decisions shows."""
    if any(each.what == "mapping" for each in report.changes):
        yield "the past stays as it was mapped: what a changed mapping would have made of it is not compared"


def _row(each: Tally) -> Sequence[str]:
    kinds = _VERB if each.count == 1 else _MANY
    effect = (
        each.effect
        if each.count == 1
        else {"appears": "appear", "vanishes": "vanish", "changes": "change"}[each.effect]
    )
    return f"{each.rule}/{each.action}", kinds[each.kind], effect, str(each.count), str(each.customers), amounts(each)


def amounts(each: Tally) -> str:
    """Return the money that a difference is about, by currency."""
    return ", ".join(f"{total} {currency}" for currency, total in each.amounts.items())


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def notes(found: Behaviour, *, standings: bool = True) -> Iterator[str]:
    """Yield what else must be known: autonomy, what cannot be judged, which customers."""
    yield from map(str, found.standings if standings else ())
    for gap in found.unevaluable:
        yield str(gap)
    if found.customers:
        more = len(found.customers) - _CUSTOMERS
        yield "customers: " + ", ".join(found.customers[:_CUSTOMERS]) + (f" and {more} more" if more > 0 else "")


def title(each: Explained) -> str:
    """Name an example."""
    return (
        f"{each.at:%Y-%m-%d %H:%M} UTC: {_VERB[each.kind]} {each.rule}/{each.action} for {each.subject} {each.effect}"
    )


def reasons(each: Explained) -> Iterator[str]:
    """Yield why."""
    yield from each.details
    if each.because:
        yield f"because: {each.because}"
    yield from each.why
    side = "before" if each.effect == "appears" else "after"
    yield from (f"not {side}: {line}" for line in each.why_not)
