"""Drawings as inline SVG: no script, no style attribute, colours from the tokens."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from markupsafe import Markup, escape

from api.words import Words

WIDTH, HEIGHT = 640.0, 180.0
LEFT, RIGHT, TOP, BOTTOM = 56.0, 8.0, 10.0, 22.0


@dataclass(frozen=True, slots=True)
class Scale:
    """From days and values to the drawing's points; `inset` is kept free at both ends."""

    first: date
    last: date
    low: float
    high: float
    inset: float = 0.0

    def x(self, day: date) -> float:
        """Return where a day stands."""
        span = max((self.last - self.first).days, 1)
        return round(LEFT + self.inset + (WIDTH - LEFT - RIGHT - 2 * self.inset) * (day - self.first).days / span, 1)

    def y(self, value: float) -> float:
        """Return where a value stands."""
        span = (self.high - self.low) or 1.0
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - self.low) / span, 1)


def scale(days: Sequence[date], values: Sequence[float], *, zero: bool = True) -> Scale:
    """Return a scale that holds all of them, and zero."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    return Scale(min(days), max(days), low, high if high > low else low + 1)


def steps(points: Sequence[tuple[date, float]], words: Words, title: str, unit: str = "") -> Markup:
    """Draw a value that stays until it changes, e.g. a balance."""
    if len(points) < 2:
        return Markup("")
    held = scale([day for day, _ in points], [value for _, value in points])
    path = f"M{held.x(points[0][0])} {held.y(points[0][1])}"
    for day, value in points[1:]:
        path += f"H{held.x(day)}V{held.y(value)}"
    area = f"{path}V{held.y(0)}H{held.x(points[0][0])}Z"
    inner = Markup('<path class="band" d="{}"/><path class="l1" d="{}"/>').format(area, path)
    return _frame(inner, held, words, title, unit)


def bars(
    points: Sequence[tuple[date, float]], words: Words, title: str, usual: float | None = None, unit: str = ""
) -> Markup:
    """Draw one bar for each point, what lies above `usual` in another colour."""
    if not points:
        return Markup("")
    values = [value for _, value in points] + ([usual] if usual is not None else [])
    held = scale([day for day, _ in points], values)
    wide = max(2.0, min(12.0, (WIDTH - LEFT - RIGHT) / len(points) * 0.6))
    held = replace(held, inset=wide / 2 + 2)
    parts = [
        _bar(held, day, value, wide, "s2" if usual is not None and value > usual else "s1") for day, value in points
    ]
    inner = Markup("").join(parts)
    if usual is not None:
        inner += Markup('<path class="base" d="M{} {}H{}"/>').format(LEFT, held.y(usual), WIDTH - RIGHT)
    return _frame(inner, held, words, title, unit)


def banded(
    points: Sequence[tuple[date, float, float, float]],
    words: Words,
    title: str,
    baseline: tuple[float, float, float] | None = None,
    unit: str = "",
    ceiling: float | None = None,
) -> Markup:
    """Draw a value with its confidence band (day, value, low, high), beside the baseline's."""
    if not points:
        return Markup("")
    values = [each for _, *three in points for each in three] + [*(baseline or ())]
    held = scale([day for day, *_ in points], [*values, ceiling] if ceiling is not None else values)
    upper = " ".join(f"{held.x(day)},{held.y(high)}" for day, _, _, high in points)
    lower = " ".join(f"{held.x(day)},{held.y(low)}" for day, _, low, _ in reversed(points))
    inner = Markup('<polygon class="band" points="{} {}"/>').format(upper, lower)
    if baseline is not None:
        top, foot = held.y(baseline[2]), held.y(baseline[1])
        inner += Markup('<rect class="was" x="{}" y="{}" width="{}" height="{}"/>').format(
            LEFT, top, WIDTH - RIGHT - LEFT, round(max(foot - top, 0.5), 1)
        )
        inner += Markup('<path class="base" d="M{} {}H{}"/>').format(LEFT, held.y(baseline[0]), WIDTH - RIGHT)
    line = " ".join(f"{held.x(day)},{held.y(value)}" for day, value, _, _ in points)
    inner += Markup('<polyline class="l1" points="{}"/>').format(line)
    dots = [
        Markup('<circle class="s1" cx="{}" cy="{}" r="3"/>').format(held.x(day), held.y(value))
        for day, value, *_ in points
    ]
    return _frame(inner + Markup("").join(dots), held, words, title, unit)


def _bar(held: Scale, day: date, value: float, wide: float, kind: str) -> Markup:
    top, foot = sorted((held.y(value), held.y(0)))
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="1"/>').format(
        kind, round(held.x(day) - wide / 2, 1), top, round(wide, 1), round(max(foot - top, 1.0), 1)
    )


def _frame(inner: Markup, held: Scale, words: Words, title: str, unit: str) -> Markup:
    lines = []
    for share in (0.0, 0.5, 1.0):
        value = held.low + (held.high - held.low) * share
        lines.append(
            Markup(
                '<path class="axis" d="M{} {}H{}"/><text class="tick" x="{}" y="{}" text-anchor="end">{}</text>'
            ).format(LEFT, held.y(value), WIDTH - RIGHT, LEFT - 6, held.y(value) + 4, _short(value, words, unit))
        )
    ends = Markup("").join(
        Markup('<text class="tick" x="{}" y="{}" text-anchor="{}">{}</text>').format(
            held.x(day), HEIGHT - 6, anchor, words.forms.short_day(day)
        )
        for day, anchor in ((held.first, "start"), (held.last, "end"))
    )
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}</svg>').format(
        int(WIDTH), int(HEIGHT), escape(title), Markup("").join(lines), inner, ends
    )


def _short(value: float, words: Words, unit: str) -> str:
    if unit == "%":
        return words.forms.percent(value)
    for size, mark in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= 10 * size or (abs(value) >= size and mark != "k"):
            return f"{words.number(round(value / size, 1))}{mark}"
    return words.number(round(value, 1))
