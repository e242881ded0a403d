"""Changing one rule of many: compiling a rulebook from nothing, and from the one before it."""

from bench.engine import ours
from bench.engine.measuring import timed
from bench.engine.workload import bands
from engine.inference.rulebook import Rulebook
from engine.rules.structs import Ruleset


def changing(sizes):
    """Seconds to compile so many rules, and to take one away again or put it back."""
    found = {}
    for size in sizes:
        compiling, book = timed(lambda size=size: ours.rulebook(bands(size), propose=True))
        rules = book.rulesets[0].rules
        fewer = (Ruleset(id="bench", rules=rules[:-1]),)
        removing, less = timed(lambda book=book, fewer=fewer: Rulebook(ours.MODEL, fewer, ours.SETTINGS, book))
        adding, _ = timed(lambda book=book, less=less: Rulebook(ours.MODEL, book.rulesets, ours.SETTINGS, less))
        found[f"{size:,} rules"] = {
            "compile, s": round(compiling, 2), "remove one, s": round(removing, 3), "add one, s": round(adding, 3),
        }  # fmt: skip
    return found
