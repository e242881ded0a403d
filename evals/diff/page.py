"""A comparison as one page of HTML that needs nothing beside itself, for a reviewer's screen or on paper."""

import re
from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby

from evals.diff.render import amounts, notes, reasons, span, title
from evals.diff.semantic import Change
from evals.diff.structs import Behaviour, Effect, Report, Tally

_STYLE = """
:root{color-scheme:light dark;--ground:light-dark(#f5f6f3,#111615);--surface:light-dark(#fff,#19201f);
--soft:light-dark(#eef1ed,#222b29);--ink:light-dark(#17201e,#e9efec);--quiet:light-dark(#51605c,#a4b2ad);
--line:light-dark(#d8ded9,#2e3937);--good:light-dark(#1b6a3c,#83d6a0);--warn:light-dark(#7f5200,#eabf68);
--bad:light-dark(#a3222c,#f39a98)}
*{box-sizing:border-box}
body{font:16px/1.5 ui-sans-serif,system-ui,sans-serif;max-width:68rem;margin:0 auto;padding:2rem 1rem 4rem;
background:var(--ground);color:var(--ink)}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 1.5rem}h2{font-size:1.15rem;margin:2rem 0 .75rem}
h3{font-size:.8rem;letter-spacing:.04em;text-transform:uppercase;color:var(--quiet);margin:1rem 0 .25rem}
section,details{background:var(--surface);border:1px solid var(--line);border-radius:10px;padding:.25rem 1.25rem 1rem}
details{padding:.6rem 1rem;margin:.5rem 0}summary{cursor:pointer}details ul{margin:.5rem 0}
ul{margin:.25rem 0;padding-left:1.2rem}li{margin:.2rem 0;overflow-wrap:anywhere}
code{font:.9em ui-monospace,monospace;background:var(--soft);padding:.05rem .3rem;border-radius:4px}
pre{font:.85rem/1.5 ui-monospace,monospace;background:var(--soft);padding:1rem;border-radius:6px;overflow-x:auto}
.tiles{display:flex;flex-wrap:wrap;gap:.75rem;margin:.75rem 0}
.tile{background:var(--soft);border-radius:8px;padding:.6rem 1rem;min-width:8rem}.tile b{display:block;font-size:1.5rem}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}
td,th{padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
th{font-weight:600;font-size:.85rem;color:var(--quiet)}.n{text-align:right;font-variant-numeric:tabular-nums}
.appears,.appear{color:var(--good)}.vanishes,.vanish{color:var(--bad)}.changes,.change{color:var(--warn)}
.effect{font-weight:600;white-space:nowrap}.warn{border-left:4px solid var(--warn);padding-left:.75rem;margin:.5rem 0}
.quiet{color:var(--quiet)}@media print{details{break-inside:avoid}body{background:none}}
"""
_MARK: dict[Effect, str] = {"appears": "+", "vanishes": "\N{MINUS SIGN}", "changes": "~"}
_MANY: dict[Effect, str] = {"appears": "appear", "vanishes": "vanish", "changes": "change"}
_QUOTED = re.compile(r"`([^`]*)`")


def html(report: Report) -> str:
    """Return the report as an HTML page."""
    name = f"{report.base} → {report.head}"
    parts = [f"<h1>Configuration: {escape(report.base)} → {escape(report.head)}</h1>"]
    if report.problems:
        told = escape("\n".join(map(str, report.problems)))
        parts.append(f"<section><h2>What is wrong</h2><pre>{told}</pre></section>")
    parts.append(f"<h2>What changed</h2><section>{''.join(_changes(report.changes))}</section>")
    if report.behaviour is not None:
        parts += ["<h2>What it does</h2>", *_behaviour(report.behaviour)]
    head = (
        "<meta charset=utf-8><meta name=viewport content='width=device-width,initial-scale=1'>"
        f"<title>{escape(name)}</title><style>{_STYLE}</style>"
    )
    return f"<!doctype html><html lang=en><head>{head}</head><body>{''.join(parts)}</body></html>\n"


def _changes(changes: Iterable[Change]) -> Iterator[str]:
    """Yield the changes under what they are of: rules, tables, policies ..."""
    groups = groupby(changes, key=lambda each: each.what)
    found = [f"<h3>{escape(what)}</h3>{_list(_change(each) for each in group)}" for what, group in groups]
    yield from found or ["<p class=quiet>Nothing.</p>"]


def _change(each: Change) -> str:
    kind = "" if each.kind == "changed" else f" <span class=quiet>{each.kind}</span>"
    details = _list(_coded(line) for line in each.details)
    return f"<b>{escape(each.name)}</b>{kind}{details}"


def _behaviour(found: Behaviour) -> Iterator[str]:
    yield "<section>"
    yield f"<p>{escape(span(found))}</p>"
    if found.tallies:
        yield f"<div class=tiles>{''.join(_tiles(found))}</div>"
        head = "".join(f"<th>{name}</th>" for name in ("rule", "what", ""))
        head += "".join(f"<th class=n>{name}</th>" for name in ("count", "customers", "amounts"))
        rows = "".join(map(_row, found.tallies))
        yield f"<div class=scroll><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    yield from (f"<p class=warn>{_coded(str(each))}</p>" for each in found.standings)
    yield _list(_coded(line) for line in notes(found, standings=False))
    yield "</section>"
    if found.examples:
        yield f"<h2>{len(found.examples)} explained</h2>"
    for number, each in enumerate(found.examples):
        opened = " open" if not number else ""
        mark = f"<span class='effect {each.effect}'>{_MARK[each.effect]}</span>"
        why = _list(_coded(line) for line in reasons(each))
        yield f"<details{opened}><summary>{mark} {escape(title(each))}</summary>{why}</details>"


def _tiles(found: Behaviour) -> Iterator[str]:
    for effect, mark in _MARK.items():
        count = sum(each.count for each in found.tallies if each.effect == effect)
        if count:
            yield f"<div class='tile'><b class={effect}>{mark}{count:,}</b>{_MANY[effect]}</div>"
    yield f"<div class=tile><b>{found.unchanged:,}</b>the same</div>"
    yield f"<div class=tile><b>{len(found.customers):,}</b>customers</div>"


def _row(each: Tally) -> str:
    return (
        f"<tr><td>{escape(each.rule)}/{escape(each.action)}</td><td>{each.kind}</td>"
        f"<td class='effect {each.effect}'>{_MARK[each.effect]} {each.effect}</td><td class=n>{each.count:,}</td>"
        f"<td class=n>{each.customers:,}</td><td class=n>{escape(amounts(each))}</td></tr>"
    )


def _coded(line: str) -> str:
    return _QUOTED.sub(r"<code>\1</code>", escape(line))


def _list(lines: Iterable[str]) -> str:
    found = "".join(f"<li>{line}</li>" for line in lines)
    return f"<ul>{found}</ul>" if found else ""
