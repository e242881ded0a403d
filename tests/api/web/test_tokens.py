"""WCAG 2.2 AA: contrast of 4.5 for text (1.4.3) and 3 for the borders of controls (1.4.11), light and dark."""

import re

import pytest

from api.web.pages import HERE

TEXT = [
    ("ink", "ground"),
    ("ink", "surface"),
    ("ink", "accent-soft"),
    ("ink", "warn-soft"),
    ("ink", "bad-soft"),
    ("ink", "mark"),
    ("ink-2", "ground"),
    ("ink-2", "surface"),
    ("ink-2", "surface-2"),
    ("accent", "ground"),
    ("accent", "surface"),
    ("accent-ink", "accent"),
    ("good", "good-soft"),
    ("warn", "warn-soft"),
    ("bad", "bad-soft"),
    ("bad", "surface"),
    ("ink", "surface-2"),
    ("ink-2", "accent-soft"),
    ("accent", "surface-2"),
    ("accent", "accent-soft"),
    ("good", "surface"),
    ("warn", "surface"),
    ("bad", "ground"),
]
BORDERS = [
    ("line-strong", "surface"),
    ("line-strong", "ground"),
    ("focus", "ground"),
    ("focus", "surface"),
    ("chart-1", "surface"),
    ("chart-2", "surface"),
    ("chart-3", "surface"),
]


def schemes():
    text = (HERE / "static" / "tokens.css").read_text()
    pairs = re.findall(r"--([\w-]+):\s*light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", text)
    return {"light": {name: day for name, day, _ in pairs}, "dark": {name: night for name, _, night in pairs}}


def luminance(colour):
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXT, 4.5), (BORDERS, 3.0)])
def test_colours_can_be_told_apart(scheme, pairs, least):
    colours = schemes()[scheme]
    faint = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < least} == {}


def test_colours_stand_in_the_tokens_alone():
    styles = (HERE / "static" / "app.css").read_text()
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgb\((?!from var)", styles)
