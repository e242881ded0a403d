"""Precision and recall of the matcher on labelled parties, looked up one after the other as they would come in."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from bench.identity.companies import Party
from engine.identity.index import Match, Parties
from engine.identity.profile import Profile, profile
from engine.mapping.identifiers import identifier
from engine.model.structs import Evidence

EVIDENCE = Evidence(name="name", city="city", address="address", email="email", phone="phone", country="TR")
Pair = frozenset[str]


@dataclass(frozen=True)
class Score:
    """How many pairs were found, how many of them rightly, how many there are."""

    found: int
    right: int
    true: int

    @property
    def precision(self) -> float:
        """Return the share of found pairs that are right; 1 when none was found."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Return the share of true pairs that were found."""
        return self.right / self.true if self.true else 1.0


def profiled(party: Party) -> Profile:
    """Return a party as the matcher compares it."""
    values = {
        "name": party.name,
        "city": party.city,
        "address": party.address,
        "email": party.email,
        "phone": party.phone,
    }
    key = identifier("tax_id", party.tax_id)
    return profile(EVIDENCE, values, [key] if key else [])


def in_turn(parties: Iterable[Party]) -> tuple[set[Pair], set[Pair]]:
    """Return the pairs taken for one, and those a person is asked about, when parties come in one after the other."""
    known, same, asked = Parties(), set[Pair](), set[Pair]()
    for party in parties:
        mine = profiled(party)
        known.put(party.id, mine)
        _sort(known.matches(mine, but=party.id), party.id, same, asked)
    return same, asked - same


def at_once(parties: Sequence[Party]) -> tuple[set[Pair], set[Pair]]:
    """Return the same when all are there before the first is looked up, as after a first load."""
    known, same, asked = Parties(), set[Pair](), set[Pair]()
    for party in parties:
        known.put(party.id, profiled(party))
    for party in parties:
        _sort(known.matches(known.profiles[party.id], but=party.id), party.id, same, asked)
    return same, asked - same


def _sort(matches: Iterable[Match], id: str, same: set[Pair], asked: set[Pair]) -> None:
    for match in matches:
        (same if match.outcome == "same" else asked).add(frozenset((id, match.id)))


def truth(parties: Iterable[Party]) -> set[Pair]:
    """Return the pairs that are one company."""
    by_truth: defaultdict[int, list[str]] = defaultdict(list)
    for party in parties:
        by_truth[party.truth].append(party.id)
    return {frozenset(pair) for ids in by_truth.values() for pair in combinations(ids, 2)}


def score(found: set[Pair], true: set[Pair]) -> Score:
    """Compare what was found with what is true."""
    return Score(len(found), len(found & true), len(true))
