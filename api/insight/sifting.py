"""Which lines a list shows, and in which order."""

from collections.abc import Iterable, Mapping, Sequence
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


def sift(lines: Iterable[Line], sieve: Sieve, names: Mapping[str, str]) -> list[Line]:
    """Return the lines that fall through, in the order asked for."""
    states = TABS.get(sieve.show, ())
    words = fold(sieve.q).split()
    whole = not states and not any((sieve.ruleset, sieve.rule, sieve.hands, sieve.subject, sieve.came))
    found = list(lines) if whole else [each for each in lines if _falls_through(each, states, sieve)]
    if words:
        found = [each for each in found if _says(each, names, words)]
    return _sorted(found, sieve.sort, names)


def _falls_through(line: Line, states: tuple[str, ...], sieve: Sieve) -> bool:
    return (
        (not states or line.state in states)
        and sieve.ruleset in ("", line.ruleset)
        and sieve.rule in ("", line.rule)
        and sieve.hands in ("", line.hands)
        and sieve.subject in ("", line.subject, line.root)
        and sieve.came in ("", line.outcome)
    )


def _says(line: Line, names: Mapping[str, str], words: Sequence[str]) -> bool:
    said = line.said
    return all(word in said or word in name_folded(names.get(line.subject, "")) for word in words)


def _sorted(found: list[Line], sort: str, names: Mapping[str, str]) -> list[Line]:
    if sort == "oldest":
        return found[::-1]
    if sort == "soonest":
        return sorted(found, key=lambda each: (each.expires_at or _NEVER, _RANK[each.consequence]))
    if sort == "amount":
        return sorted(found, key=lambda each: -(each.amount.amount if each.amount else 0))
    if sort == "customer":
        return sorted(found, key=lambda each: name_folded(names.get(each.subject, each.subject)))
    return found


_NEVER = datetime.fromisoformat("9999-01-01T00:00:00+00:00")


def tab_of(state: str) -> str:
    """Return the tab that shows actions of a state."""
    return next((name for name, states in TABS.items() if state in states), "all")
