"""Which lines a list shows, and in which order."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlencode

import msgspec

from api.folding import fold, name_folded
from api.insight.line import Line

TABS: Mapping[str, tuple[str, ...]] = {
    "waiting": ("pending", "proposed"),
    "coming": ("approved", "scheduled", "sending"),
    "unclear": ("unknown", "failed"),
    "sent": ("sent",),
    "closed": ("rejected", "withdrawn", "expired"),
    "all": (),
}
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


def sift(lines: Iterable[Line], sieve: Sieve, name: Callable[[str], str]) -> list[Line]:
    """Return the lines that fall through, in the order asked for; `name` tells what people call a subject."""
    found = _narrowed(list(lines), sieve)
    words = fold(sieve.q).split()
    return _sorted(list(_saying(words, found, name)) if words else found, sieve.sort, name)


def _saying(words: Sequence[str], lines: Iterable[Line], name: Callable[[str], str]) -> Iterator[Line]:
    """Yield the lines that hold all words; a name is asked for only where a line itself lacks one."""
    for each in lines:
        said = each.said
        missing = [word for word in words if word not in said]
        if missing:
            called = name_folded(name(each.subject))
            if not all(word in called for word in missing):
                continue
        yield each


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


def _sorted(found: list[Line], sort: str, name: Callable[[str], str]) -> list[Line]:
    if sort == "oldest":
        return found[::-1]
    if sort == "soonest":
        return sorted(found, key=lambda each: (each.expires_at or _NEVER, _RANK[each.consequence]))
    if sort == "amount":
        return sorted(found, key=lambda each: -(each.amount.amount if each.amount else 0))
    if sort == "customer":
        return sorted(found, key=lambda each: name_folded(name(each.subject) or each.subject))
    return found


_NEVER = datetime.fromisoformat("9999-01-01T00:00:00+00:00")


def tab_of(state: str) -> str:
    """Return the tab that shows actions of a state."""
    return next((name for name, states in TABS.items() if state in states), "all")
