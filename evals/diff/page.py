"""A comparison as one page of HTML that needs nothing beside itself."""

from html import escape

from evals.diff.render import notes, reasons, span, title
from evals.diff.structs import Behaviour, Report

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1c1c1c}"
    "table{border-collapse:collapse}td,th{padding:.25rem .75rem;border-bottom:1px solid #ccc;text-align:left}"
    "td.n{text-align:right}code{background:#f2f2f2;padding:0 .2rem}"
)


def html(report: Report) -> str:
    """Return the report as an HTML page."""
    parts = [f"<h1>Configuration: {escape(report.base)} → {escape(report.head)}</h1>", "<h2>What changed</h2>"]
    parts.append(_list([str(each) for each in report.changes]) or "<p>Nothing.</p>")
    if report.problems:
        parts.append("<h2>What is wrong</h2><pre>" + escape("\n".join(map(str, report.problems))) + "</pre>")
    if report.behaviour is not None:
        parts += ["<h2>What it does</h2>", *_behaviour(report.behaviour)]
    head = f"<meta charset=utf-8><title>{escape(report.base)} → {escape(report.head)}</title><style>{_STYLE}</style>"
    return f"<!doctype html><html lang=en>{head}<body>{''.join(parts)}</body></html>\n"


def _behaviour(found: Behaviour) -> list[str]:
    parts = [f"<p>{escape(span(found))}</p>"]
    if found.tallies:
        head = "".join(f"<th>{name}</th>" for name in ("rule", "what", "", "count", "customers", "amounts"))
        rows = "".join(
            f"<tr><td>{escape(each.rule)}/{escape(each.action)}</td><td>{each.kind}</td><td>{each.effect}</td>"
            f"<td class=n>{each.count}</td><td class=n>{each.customers}</td>"
            f"<td class=n>{escape(', '.join(f'{each.amounts[key]} {key}' for key in each.amounts))}</td></tr>"
            for each in found.tallies
        )
        parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")
    parts.append(_list(list(notes(found))))
    parts += [
        f"<details><summary>{escape(title(each))}</summary>{_list(list(reasons(each)))}</details>"
        for each in found.examples
    ]
    return parts


def _list(lines: list[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>" if lines else ""
