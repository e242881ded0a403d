"""All parties of one type, found by what they are called and how they are reached.

A name is looked up word by word: the known words near each word of it, then the parties that have those words, the
rarest words first. So a look-up costs what the name's words cost and not what the table holds.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from math import log2
from typing import Final

import msgspec

from engine.identity.compare import Commonness, Comparison, Finding, Outcome, compare
from engine.identity.neighbours import Neighbours
from engine.identity.profile import Profile

_MOST_CANDIDATES: Final = 60
_MOST_POSTINGS: Final = 3000
_TYPO: Final = 0.6
_RIVAL: Final = 9.0


class Match(msgspec.Struct, frozen=True):
    """A party that may be the one in question."""

    id: str
    comparison: Comparison

    @property
    def outcome(self) -> Outcome:
        """Return the verdict on the pair."""
        return self.comparison.outcome


class Parties:
    """The profiles of all entities of a type."""

    def __init__(self) -> None:
        self.profiles: dict[str, Profile] = {}
        self._words = Neighbours()
        self._by_word: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._by_reach: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._by_core: defaultdict[str, int] = defaultdict(int)

    def __len__(self) -> int:
        return len(self.profiles)

    def put(self, id: str, profile: Profile) -> bool:
        """Learn or relearn a party; False when nothing of it is new."""
        before = self.profiles.get(id)
        if before == profile:
            return False
        if before is not None:
            self.drop(id)
        self.profiles[id] = profile
        self._by_core[profile.name.squeezed] += 1
        for word in keys(profile):
            self._words.add(word)
            self._by_word[word][id] = None
        for key in _reach(profile):
            self._by_reach[key][id] = None
        return True

    def drop(self, id: str) -> None:
        """Forget a party; its words stay known, which harms nothing."""
        profile = self.profiles.pop(id, None)
        if profile is None:
            return
        self._by_core[profile.name.squeezed] -= 1
        for word in keys(profile):
            self._by_word[word].pop(id, None)
        for key in _reach(profile):
            self._by_reach[key].pop(id, None)

    def matches(self, profile: Profile, but: str = "") -> list[Match]:
        """Return who may be this party, the likeliest first."""
        found = [self._pair(id, profile) for id in self.candidates(profile) if id != but]
        likely = [each for each in found if each.outcome != "different"]
        sure = [self._sure(each, profile, likely, but) if each.outcome == "same" else each for each in likely]
        return sorted(sure, key=lambda each: (-each.comparison.bits, each.id))

    def _sure(self, match: Match, profile: Profile, likely: list[Match], but: str) -> Match:
        """Return the match, doubtful when either side has a rival for the other that is a third company."""
        if match.comparison.has("tax id"):
            return match
        other = self.profiles[match.id]
        rivals = [each.id for each in likely if each.id != match.id and _near(each)]
        rival = next((id for id in rivals if self._apart(self.profiles[id], other)), "")
        if not rival:
            theirs = [id for id in self.candidates(other) if id not in {match.id, but}]
            apart = (id for id in theirs if self._apart(self.profiles[id], profile))
            rival = next((id for id in apart if _near(self._pair(id, other))), "")
        return match if not rival else Match(match.id, _doubted(match.comparison, profile, self.profiles[rival]))

    def _pair(self, id: str, profile: Profile) -> Match:
        return Match(id, compare(profile, self.profiles[id], self._common(profile, self.profiles[id])))

    def _apart(self, one: Profile, other: Profile) -> bool:
        """Whether two parties are surely not one."""
        return compare(one, other, self._common(one, other)).contradicted

    def candidates(self, profile: Profile) -> list[str]:
        """Return the parties worth comparing: by words of the name, by telephone, mailbox and tax number."""
        scores: defaultdict[str, float] = defaultdict(float)
        total = len(self.profiles) + 1
        for key in _reach(profile):
            holders = self._by_reach.get(key, {})
            for id in holders if len(holders) <= _MOST_POSTINGS else ():
                scores[id] += log2(total / len(holders))
        wanted = [(word, other, errors) for word in keys(profile) for other, errors in self._words.near(word).items()]
        for _, other, errors in sorted(wanted, key=lambda each: len(self._by_word[each[1]])):
            holders = self._by_word[other]
            if len(holders) > _MOST_POSTINGS and scores:
                continue
            weight = log2(total / max(1, len(holders))) * _TYPO**errors
            for id in _first(holders, _MOST_POSTINGS):
                scores[id] += weight
        return sorted(scores, key=lambda each: (-scores[each], each))[:_MOST_CANDIDATES]

    def _common(self, left: Profile, right: Profile) -> Commonness:
        def most(keys: frozenset[str], kind: str) -> int:
            return max((len(self._by_reach.get(f"{kind}:{key}", ())) for key in keys), default=0)

        return Commonness(
            parties=max(2, len(self.profiles)),
            name=max(1, self._by_core[left.name.squeezed], self._by_core[right.name.squeezed]),
            phone=most(left.phones & right.phones, "phone"),
            mail=most(left.mails & right.mails, "mail"),
        )


def _near(match: Match) -> bool:
    return match.outcome != "different" and not match.comparison.contradicted and match.comparison.bits >= _RIVAL


def _doubted(comparison: Comparison, profile: Profile, rival: Profile) -> Comparison:
    note = "one of the two could as well be this third company"
    finding = Finding("rival", profile.label, rival.label, 0.0, note, contradicts=True)
    return Comparison((*comparison.findings, finding), "doubtful", comparison.bits)


def keys(profile: Profile) -> list[str]:
    """Return the words that a name is looked up by: those of its core, and neighbours run together."""
    core = profile.name.core
    joined = [one + other for one, other in pairwise(core)]
    return list(dict.fromkeys([*core, *joined]))


def _reach(profile: Profile) -> Iterator[str]:
    yield from (f"phone:{each}" for each in sorted(profile.phones))
    yield from (f"mail:{each}" for each in sorted(profile.mails))
    yield from (f"tax:{each}" for each in sorted(profile.taxes))
    yield from (f"domain:{each}" for each in sorted(profile.domains))


def _first(holders: dict[str, None], most: int) -> Iterator[str]:
    for count, id in enumerate(holders):
        if count >= most:
            return
        yield id
