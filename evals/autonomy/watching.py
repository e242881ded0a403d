"""After promotion: the canary widens, audits thin out, and errors take it all back; pure functions."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from engine.settings.earning import FLOOR, Audit, Canary, Watch
from evals.autonomy.samples import Sample
from evals.statistics.monitoring import step


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """What the results since promotion come to; `alarm` tells why autonomy is lost, "" when it is not."""

    reviewed: int
    errors: int
    sum: float
    alarm: str = ""


def watch(config: Watch, results: Sequence[Sample]) -> Watched:
    """Hold the reviewed results, in order, against critical errors, the cumulative sum and the error budget."""
    total = 0.0
    alarm = ""
    for place, each in enumerate(results, 1):
        total = max(0.0, total + step(error=not each.correct, good=config.good, bad=config.bad))
        recent = sum(not other.correct for other in results[max(0, place - config.of) : place])
        if each.critical and not each.correct:
            alarm = f"a critical error: {each.action}"
        elif total > config.threshold:
            alarm = f"errors drift beyond {config.good:.0%}: cumulative sum {total:.2f} over {config.threshold:g}"
        elif recent > config.errors:
            alarm = f"the error budget is spent: {recent} among the last {min(place, config.of)} reviewed"
        if alarm:
            break
    errors = sum(not each.correct for each in results)
    return Watched(reviewed=len(results), errors=errors, sum=total, alarm=alarm)


def next_share(config: Canary, share: float, results: Sequence[Sample], since: datetime, now: datetime) -> float:
    """Return the share that goes by itself from here on; `results` are those reviewed since the step began."""
    wider = [each for each in config.shares if each > share]
    ready = len(results) >= config.reviewed and now - since >= msgspec.convert(config.lasts, timedelta)
    return min(wider) if wider and ready else share


def audit_share(config: Audit, results: Sequence[Sample]) -> float:
    """Return the share of actions that is audited: thinner with each streak of correct ones, full after an error."""
    streak = 0
    for each in reversed(results):
        if not each.correct:
            break
        streak += 1
    place = min(streak // config.each, len(config.shares) - 1)
    return max(config.shares[place], FLOOR)
