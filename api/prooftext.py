"""A proof as indented text: a sentence a line, each fact with its source, version and age; folded when it is long."""

from collections.abc import Iterator
from datetime import datetime

from api.words import Told, Words

LIMIT = 40
"""Lines that are shown before deeper steps are folded."""
_CODE = 160


def proof_lines(told: Told, words: Words, at: datetime, limit: int | None = LIMIT) -> Iterator[str]:
    """Yield the lines of a proof; ages count up to `at`.

    With more than about `limit` lines the deepest levels are folded into their number, and what was told before is not
    told again; None shows everything.
    """
    shown = _depth(told) if limit is None else _fitting(told, limit)
    yield from _lines(told, words, at, 0, shown, None if limit is None else set())


def _fitting(told: Told, limit: int) -> int:
    """Return how many levels fit into so many lines, at least the first two."""
    return max((depth for depth in range(2, _depth(told) + 1) if _count(told, depth) <= limit), default=2)


def _lines(
    told: Told, words: Words, at: datetime, level: int, left: int, before: set[tuple[str, str]] | None
) -> Iterator[str]:
    indent = "  " * level
    key = (told.text, told.code)
    if told.reasons and before is not None and key in before:
        yield f"{indent}- {_said(told, words)} ({words.say('told above')})"
        return
    if before is not None:
        before.add(key)
    yield f"{indent}- {_said(told, words)}{_origin(told, words, at)}"
    if left <= 1 and told.reasons:
        more = words.say("{count} more steps, with --all", count=_size(told) - 1)
        yield f"{indent}  - ({more})"
        return
    for each in told.reasons:
        yield from _lines(each, words, at, level + 1, left - 1, before)
    if told.omitted:
        yield f"{indent}  - {words.say('and {count} more like these', count=told.omitted)}"


def _said(told: Told, words: Words) -> str:
    code = " ".join(told.code.split())
    if not code:
        return told.text
    short = code if len(code) <= _CODE else f"{code[:_CODE].rsplit(' ', 1)[0]} ..."
    said, rule = told.text.rstrip(".:"), told.kind in ("rule", "action")
    if rule:
        return words.say("{text}, because {code}", text=said, code=short)
    return words.say("{text}, from {code}", text=said, code=short)


def _origin(told: Told, words: Words, at: datetime) -> str:
    if told.source:
        old = words.say("{age} old", age=words.age(at - told.known_at)) if told.known_at is not None else ""
        return f" [{', '.join(filter(None, (told.source, old)))}]"
    return f" [{words.say('no source gives it')}]" if told.kind == "field" and not told.reasons else ""


def _depth(told: Told) -> int:
    return 1 + max(map(_depth, told.reasons), default=0)


def _size(told: Told) -> int:
    return 1 + sum(map(_size, told.reasons))


def _count(told: Told, depth: int) -> int:
    return 1 + (sum(_count(each, depth - 1) for each in told.reasons) if depth > 1 else bool(told.reasons))
