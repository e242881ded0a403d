"""A run as one HTML page: figures with their bounds drawn, nothing loaded from outside."""

from collections.abc import Iterator, Sequence
from html import escape

from evals.scored.scoring import accuracy, majority
from evals.scored.structs import EvalRun, Group
from evals.scored.telling import HEADER, figures, interval

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; color: #1c2430; }
table { border-collapse: collapse; } td, th { padding: .25rem .75rem .25rem 0; text-align: left; }
td { border-top: 1px solid #d9dee5; } .no { color: #a3211c; } svg text { font: 12px system-ui, sans-serif; }
"""


def html(run: EvalRun, earlier: Sequence[EvalRun] = ()) -> str:
    """Return the page; `earlier` are former runs of the workflow, oldest first."""
    return "\n".join(
        [
            "<!doctype html>", '<html lang="en">', '<meta charset="utf-8">',
            f"<title>{escape(run.workflow)}</title>", f"<style>{_STYLE}</style>",
            f"<h1>{escape(run.workflow)}: {run.passed} of {len(run.cases)} cases passed</h1>",
            f"<p>{run.at:%Y-%m-%d %H:%M}, revision {escape(run.revision[:12])}, {escape(run.route)}</p>",
            *(f'<p class="no">Fails: {escape(each)}</p>' for each in run.reasons()),
            "<h2>Accuracy with its 95 % bounds; the bar is the majority class</h2>", *_intervals(run.groups),
            "<h2>Figures</h2>", *_table([HEADER, *(figures(each) for each in run.groups)]),
            *(["<h2>Over time</h2>", *_history([*earlier, run])] if earlier else []),
            "<h2>Cases that failed</h2>", *_table([("case", "what"), *_failed(run)]), "</html>",
        ]
    )  # fmt: skip


def _failed(run: EvalRun) -> Iterator[tuple[str, str]]:
    yield from ((each.id, "; ".join(each.faults) or each.error) for each in run.cases if not each.passed)


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "<table>"
    for place, row in enumerate(rows):
        tag = "td" if place else "th"
        yield "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row) + "</tr>"
    yield "</table>"


def _intervals(groups: Sequence[Group]) -> Iterator[str]:
    yield f'<svg width="760" height="{24 * len(groups) + 24}" role="img" aria-label="Accuracy by group">'
    for place, group in enumerate(groups):
        y = 24 * place + 14
        low, high = (320 + 420 * each for each in interval(group))
        usual = 320 + 420 * majority(group)
        yield f'<text x="0" y="{y + 4}">{escape(group.name[:48])}</text>'
        yield f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y}" y2="{y}" stroke="#40618f" stroke-width="3"/>'
        yield f'<circle cx="{320 + 420 * accuracy(group):.1f}" cy="{y}" r="5" fill="#40618f"/>'
        yield f'<rect x="{usual:.1f}" y="{y - 8}" width="2" height="16" fill="#a86a12"/>'
    foot = 24 * len(groups) + 18
    yield f'<text x="316" y="{foot}">0 %</text><text x="722" y="{foot}">100 %</text></svg>'


def _history(runs: Sequence[EvalRun]) -> Iterator[str]:
    step = 700 / max(len(runs) - 1, 1)
    points = " ".join(
        f"{20 + step * place:.1f},{110 - 100 * accuracy(each.overall):.1f}" for place, each in enumerate(runs)
    )
    yield '<svg width="760" height="130" role="img" aria-label="Accuracy over time">'
    yield f'<polyline points="{points}" fill="none" stroke="#40618f" stroke-width="2"/></svg>'
