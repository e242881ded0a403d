"""Which lines a list shows, and in which order."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias
from urllib.parse import urlencode

import msgspec

from api.folding import fold
from api.insight.line import Line

TABS: Mapping[str, tuple[str, ...]] = {
    "waiting": ("pending", "proposed"),
    "coming": ("approved", "scheduled", "sending"),
    "unclear": ("unknown", "failed"),
    "sent": ("sent",),
    "closed": ("rejected", "withdrawn", "expired"),
    "all": (),
}
Names: TypeAlias = Callable[[Sequence[str]], Sequence[str]]
"""Tells what people call subjects, in their order and folded, "" for the unknown."""
SORTS = ("newest", "oldest", "soonest", "amount", "customer")
_RANK = {"high": 0, "medium": 1, "low": 2, "none": 3}


class Sieve(msgspec.Struct, frozen=True, kw_only=True):
    """What a list is narrowed to; "" does not narrow. `hands` is a person's id, `came` what became of it."""

    show: str = "waiting"
    q: str = ""
    ruleset: str = ""
    rule: str = ""
    hands: str = ""
    subject: str = ""
    came: str = ""
    sort: str = "newest"

    @classmethod
    def of(cls, given: Mapping[str, str], show: str = "waiting") -> "Sieve":
        """Return what a query asks for; what it does not know, or nobody knows, is as usual."""
        kept = {name: given.get(name, "").strip()[:200] for name in cls.__struct_fields__}
        kept["show"] = kept["show"] if kept["show"] in TABS else show
        kept["sort"] = kept["sort"] if kept["sort"] in SORTS else SORTS[0]
        return cls(**kept)

    @property
    def narrowed(self) -> bool:
        """Whether it leaves out anything of its tab."""
        return any((self.q, self.ruleset, self.rule, self.hands, self.subject, self.came))

    def query(self, **changes: object) -> str:
        """Return it as a query string, without what is as usual."""
        return urlencode(self.given(**changes))

    def given(self, **changes: object) -> dict[str, object]:
        """Return what is not as usual."""
        given = msgspec.structs.asdict(self) | changes
        usual = {"show": "waiting", "sort": "newest"}
        return {name: value for name, value in given.items() if value not in ("", None, usual.get(name))}


def sift(lines: Iterable[Line], sieve: Sieve, names: Names) -> list[Line]:
    """Return the lines that fall through, in the order asked for."""
    found = _narrowed(list(lines), sieve)
    for word in fold(sieve.q).split():
        found = _saying(word, found, names)
    return _sorted(found, sieve.sort, names)


def _saying(word: str, lines: list[Line], names: Names) -> list[Line]:
    """Return the lines that hold a word; names are asked for only where the line itself lacks it."""
    lacking = [each for each in lines if word not in each.said]
    called = names([each.subject for each in lacking])
    without = {each.id for each, name in zip(lacking, called, strict=True) if word not in name}
    return [each for each in lines if each.id not in without] if without else lines


def _narrowed(found: list[Line], sieve: Sieve) -> list[Line]:
    """Return the lines that fall through all but the words; each mesh is looked at only where it narrows."""
    if states := TABS.get(sieve.show, ()):
        found = [each for each in found if each.state in states]
    if sieve.ruleset:
        found = [each for each in found if each.ruleset == sieve.ruleset]
    if sieve.rule:
        found = [each for each in found if each.rule == sieve.rule]
    if sieve.hands:
        found = [each for each in found if each.hands == sieve.hands]
    if sieve.subject:
        found = [each for each in found if sieve.subject in (each.subject, each.root)]
    if sieve.came:
        found = [each for each in found if each.outcome == sieve.came]
    return found


def _sorted(found: list[Line], sort: str, names: Names) -> list[Line]:
    if sort == "oldest":
        return found[::-1]
    if sort == "soonest":
        return sorted(found, key=lambda each: (each.expires_at or _NEVER, _RANK[each.consequence]))
    if sort == "amount":
        return sorted(found, key=lambda each: -(each.amount.amount if each.amount else 0))
    if sort == "customer":
        called = zip(names([each.subject for each in found]), found, strict=True)
        return [each for _, each in sorted(called, key=lambda pair: pair[0] or pair[1].subject)]
    return found


_NEVER = datetime.fromisoformat("9999-01-01T00:00:00+00:00")


def tab_of(state: str) -> str:
    """Return the tab that shows actions of a state."""
    return next((name for name, states in TABS.items() if state in states), "all")
