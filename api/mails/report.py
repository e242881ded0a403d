"""The weekly mail to who answers for the rules: what came of them, what waits, what next."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from api.insight.chronicle import Chronicle
from api.insight.figures import Assumptions
from api.insight.kpi import Figure
from api.insight.line import Line
from api.insight.outcome import Report
from api.insight.outcome import report as report_of
from api.mails.writer import Mails
from api.speech.advice import advice
from api.words import Words
from approvals.request import Letter
from approvals.structs import Person
from engine.settings.app import Minutes
from evals.statistics.means import Estimate

WEEK = timedelta(days=7)
_SHOWN = 10


def weekly(
    mails: Mails,
    person: Person,
    lines: Sequence[Line],
    until: datetime,
    url: str,
    names: Mapping[str, str],
    kpis: Sequence[Figure] = (),
    minutes: Minutes = Minutes(),  # noqa: B008  (frozen)
) -> Letter:
    """Return the mail about the week that ended at `until`, over the lines of the person's rulesets."""
    words, given = mails.words(person, names), Assumptions.of(minutes)
    found = report_of(Chronicle.of(lines), until - WEEK, until, given)
    title = words.say("Outcome report")
    waiting = [each for each in lines if each.state == "pending"]
    shown = [f"{words.subject(each.subject)}: {words.operation(each.operation)}" for each in waiting[:_SHOWN]]
    if len(waiting) > _SHOWN:
        shown.append(words.say("and {count} more", count=len(waiting) - _SHOWN))
    return mails.letter(
        "report",
        person,
        f"{title}, {words.day(until.date())}",
        words,
        title=title,
        report=found,
        rows=rows(found, words),
        kpis=[measured(each, words) for each in kpis],
        advice=[advice(each, words) for each in found.next],
        waiting=shown,
        given=given,
        url=url,
    )


def measured(kpi: Figure, words: Words) -> tuple[str, str, str, str]:
    """Return a key figure before and now with their intervals, and whether the change is more than chance."""
    say = words.say
    told = {
        "better": say("better than before"), "worse": say("worse than before"), "unsure": say("may be chance"), "": "–",  # noqa: RUF001  (a dash)
    }  # fmt: skip
    return kpi.title, _estimate(kpi, kpi.before, words), _estimate(kpi, kpi.now, words), told[kpi.verdict]


def _estimate(kpi: Figure, found: Estimate | None, words: Words) -> str:
    if found is None:
        return "–"  # noqa: RUF001  (a dash)
    write = words.forms.percent if kpi.shares else words.number
    band = f" ({write(found.low)} – {write(found.high)})" if found.count > 1 else ""  # noqa: RUF001  (a dash)
    return f"{write(found.value)}{band}"


def rows(found: Report, words: Words) -> list[tuple[str, str, str]]:
    """Return the figures before and now, as they are written."""
    say, before, now = words.say, found.before, found.now
    counted = [
        (say("flagged"), before.flagged, now.flagged), (say("decided by people"), before.decided, now.decided),
        (say("rejected"), before.rejected, now.rejected), (say("sent"), before.sent, now.sent),
        (say("of these by itself"), before.alone, now.alone), (say("went well"), before.good, now.good),
        (say("went wrong"), before.bad, now.bad),
        (say("hours saved"), round(found.hours_before, 1), round(found.hours, 1)),
    ]  # fmt: skip
    share = [words.forms.percent(each) if each is not None else "–" for each in (before.acceptance, now.acceptance)]  # noqa: RUF001  (a dash)
    written = [(name, words.number(was), words.number(is_now)) for name, was, is_now in counted]
    return [*written, (say("approved as it was"), share[0], share[1])]
