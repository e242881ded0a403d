"""The gates: what is asked for, what was found, and what is missing; each check names where it comes from."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil

import msgspec

from approvals.autonomy.standing import Asked
from engine.events import Consequence
from engine.settings.earning import GoLive, Graduation
from evals.autonomy.samples import Sample
from evals.scoring import Confusion, wilson
from evals.statistics.binomial import lower_bound, needed
from evals.statistics.misses import Misses, stricter
from evals.statistics.sequential import anytime_bound, capital

BLIND = 0.9
"""Reviewers who miss so many mistakes can show nothing."""
_BLINDNESS = "planted mistakes and second reviews"
LOW: tuple[Consequence, ...] = ("none", "low")


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One condition of a gate: whether it is met, what was found, what is missing ("" when met), and its source."""

    name: str
    met: bool
    found: str
    missing: str = ""
    source: str = ""


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """A judged gate over a frozen window."""

    checks: tuple[Check, ...]
    window: int = 0
    correct: int = 0
    labelled: int = 0
    bound: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether every check is met."""
        return all(each.met for each in self.checks)

    @property
    def missing(self) -> tuple[str, ...]:
        """What is missing, a sentence each."""
        return tuple(each.missing for each in self.checks if not each.met)


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """What a gate looks at besides the samples: times, class, earlier asks, critical errors, the policy's word."""

    now: datetime
    since: datetime
    deployed: datetime | None
    consequence: Consequence
    policy: str = "earned"
    asked: Asked | None = None
    critical: Sequence[str] = ()
    misses: Misses = Misses()
    least: int = 20


def graduation(config: Graduation, samples: Sequence[Sample], situation: Situation) -> Gate:
    """Judge whether an action may go by itself; `samples` are those that count, in order, over the rule's life.

    What reviewers are known to miss makes every share that is asked for stricter.
    """
    missed = situation.misses.upper(situation.least, config.risk)
    config = msgspec.structs.replace(
        config, share=stricter(config.share, missed), tolerated=stricter(config.tolerated, missed)
    )
    window = samples[-config.samples :]
    correct = sum(each.correct for each in window)
    checks = (
        _policy(situation.policy),
        _consequence(situation.consequence),
        _enough(len(window), config.samples),
        _share(config, correct, len(window)),
        _life(config, samples),
        _uncritical(situation.critical),
        _age("in approval", situation.now - situation.since, config.rule_for),
        _age("deployed", situation.now - (situation.deployed or situation.now), config.deployment_for),
        _fresh(config, len(samples), situation.asked),
        _reviewers(situation.misses, situation.least, missed),
    )
    return Gate(
        checks=tuple(each for each in checks if each is not None), window=len(window), correct=correct,
        labelled=len(samples), bound=lower_bound(correct, len(window), config.risk),
    )  # fmt: skip


def go_live(config: GoLive, confusion: Confusion, *, errors: int = 0) -> Gate:
    """Judge whether a workflow may be put before people, by its decisions on labelled cases."""
    total = confusion.total + errors
    right = confusion.hits + confusion.rejections
    share = right / total if total else 0.0
    majority = max(confusion.true, confusion.total - confusion.true) / total if total else 1.0
    low, high = wilson(right, total)
    told = f"{right} of {total} decided correctly: {share:.1%} (95 %: {low:.1%} to {high:.1%})"
    return Gate(
        checks=(
            _met("labelled cases", total >= config.cases, f"{total}", f"{config.cases - total} more labelled cases"),
            _met("share", share > config.share, told, f"more than {config.share:.0%} correct; {told}"),
            _met(
                "majority class", share > majority, f"{share:.1%} against {majority:.1%}",
                f"better than always answering the majority class ({majority:.1%})",
            ),
        ),
        window=total, correct=right, labelled=total, bound=low,
    )  # fmt: skip


def _met(name: str, met: bool, found: str, missing: str, source: str = "") -> Check:
    return Check(name=name, met=met, found=found, missing="" if met else missing, source=source)


def _policy(policy: str) -> Check:
    return _met(
        "policy", policy == "earned", f"approval: {policy}",
        f"its policy says `approval: {policy}`; only `earned` lets an action graduate",
    )  # fmt: skip


def _consequence(found: Consequence) -> Check:
    return _met("consequence", found in LOW, found, f"its operation has {found} consequence; only low ones graduate")


def _enough(count: int, wanted: int) -> Check:
    missing = wanted - count
    text = f"{missing} more labelled samples (of {wanted})"
    return _met("samples", missing <= 0, f"{count} of {wanted}", text)


def _share(config: Graduation, correct: int, window: int) -> Check:
    """Hold the window against the share, as a figure or by its lower bound."""
    bound = lower_bound(correct, window, config.risk)
    told = f"{correct} of {window} correct, lower bound {bound:.1%}"
    if config.bound == "lower_bound":
        wanted = needed(window, config.share, config.risk) if window else None
        text = f"a lower bound of {config.share:.0%}" + (f", {wanted} of {window}" if wanted else "")
        return _met("share", bound >= config.share, told, f"{text}; {told}", "Clopper & Pearson 1934, one-sided")
    wanted = ceil(round(config.share * config.samples, 9))
    met = window >= config.samples and correct >= wanted
    return _met("share", met, told, f"{wanted} of {config.samples} correct; {told}")


def _life(config: Graduation, samples: Sequence[Sample]) -> Check | None:
    """Hold all samples of the rule's life against the share that would still be tolerated, at any time."""
    if config.bound != "anytime":
        return None
    right = sum(each.correct for each in samples)
    wrong = len(samples) - right
    found = capital(right, wrong, config.tolerated)
    bound = anytime_bound(right, wrong, config.risk)
    told = f"{right} right and {wrong} wrong over its life, anytime bound {bound:.1%}"
    text = f"an anytime bound above {config.tolerated:.0%}; {told}"
    return _met("anytime bound", found >= 1 / config.risk, told, text, "Ville 1939; Robbins 1970")


def _uncritical(critical: Sequence[str]) -> Check:
    told = ", ".join(critical) or "none"
    return _met("critical errors", not critical, told, f"no critical error; there were: {told}")


def _reviewers(misses: Misses, least: int, missed: float) -> Check | None:
    if not misses.shown:
        return None
    told = f"missed {misses.missed} of {misses.shown} known mistakes"
    told += f", at most {missed:.0%}" if missed else f" (counts from {least} on)"
    return _met("reviewers", missed < BLIND, told, f"reviewers who see mistakes; they {told}", _BLINDNESS)


def _age(what: str, age: timedelta, wanted: str) -> Check:
    least = msgspec.convert(wanted, timedelta)
    days, asked = age / timedelta(days=1), least / timedelta(days=1)
    left = ceil(asked - days)
    return _met(f"days {what}", age >= least, f"{days:.0f}", f"{left} more days {what} (of {asked:.0f})")


def _fresh(config: Graduation, labelled: int, asked: Asked | None) -> Check | None:
    if asked is None or asked.passed:
        return None
    fresh = labelled - asked.labelled
    text = f"{config.fresh - fresh} more fresh samples since it was refused (of {config.fresh})"
    return _met("fresh samples", fresh >= config.fresh, f"{fresh} since {asked.at:%Y-%m-%d}", text)
