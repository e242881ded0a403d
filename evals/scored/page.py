"""A run as one HTML page: figures with their bounds drawn, nothing loaded from outside."""

from collections.abc import Iterator, Sequence
from html import escape

from evals.scored.scoring import accuracy, majority
from evals.scored.structs import EvalRun, Group
from evals.scored.telling import HEADER, beside, figures, interval

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; color: #1c2430; }
table { border-collapse: collapse; } td, th { padding: .25rem .75rem .25rem 0; text-align: left; }
td { border-top: 1px solid #d9dee5; }
.figures :is(td, th):not(:first-child) { text-align: right; }
.no { color: #a3211c; } svg text { font: 12px system-ui, sans-serif; }
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
            "<h2>Figures</h2>", *_table([HEADER, *(figures(each) for each in run.groups)], "figures"),
            "<h2>Beside it</h2>", "<ul>", *(f"<li>{escape(each)}</li>" for each in beside(run)), "</ul>",
            *(["<h2>Accuracy over time</h2>", *_history([*earlier, run])] if earlier else []),
            *_failed(run), "</html>",
        ]
    )  # fmt: skip


def _failed(run: EvalRun) -> Iterator[str]:
    failed = [(each.id, "; ".join(each.faults) or each.error) for each in run.cases if not each.passed]
    yield "<h2>Cases that failed</h2>" if failed else "<p>No case failed.</p>"
    yield from _table([("case", "what"), *failed]) if failed else ()


def _table(rows: Sequence[Sequence[str]], style: str = "") -> Iterator[str]:
    yield f'<table class="{style}">'
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
    step = 660 / max(len(runs) - 1, 1)
    points = [(60 + step * place, 120 - 100 * accuracy(each.overall), each) for place, each in enumerate(runs)]
    yield '<svg width="760" height="150" role="img" aria-label="Accuracy over time">'
    for share in (0, 50, 100):
        yield f'<text x="0" y="{124 - share}">{share} %</text>'
        yield f'<line x1="56" x2="724" y1="{120 - share}" y2="{120 - share}" stroke="#d9dee5"/>'
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
    yield f'<polyline points="{line}" fill="none" stroke="#40618f" stroke-width="2"/>'
    for x, y, run in points:
        told = escape(f"{run.at:%Y-%m-%d %H:%M}, {run.revision[:12]}: {accuracy(run.overall):.0%}")
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#40618f"><title>{told}</title></circle>'
    yield f'<text x="56" y="142">{points[0][2].at:%Y-%m-%d}</text>'
    yield f'<text x="724" y="142" text-anchor="end">{points[-1][2].at:%Y-%m-%d}</text></svg>'
