"""The weekly mail to who answers for the rules: what came of them, what waits, what next."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from api.insight.figures import Assumptions
from api.insight.line import Line
from api.insight.outcome import Report
from api.insight.outcome import report as report_of
from api.mails.writer import Mails
from api.speech.advice import advice
from api.words import Words
from approvals.request import Letter
from approvals.structs import Person

WEEK = timedelta(days=7)
_SHOWN = 10


def weekly(
    mails: Mails, person: Person, lines: Sequence[Line], until: datetime, url: str, names: Mapping[str, str]
) -> Letter:
    """Return the mail about the week that ended at `until`, over the lines of the person's rulesets."""
    words, given = mails.words(person, names), Assumptions()
    found = report_of(lines, until - WEEK, until, given)
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
        advice=[advice(each, words) for each in found.next],
        waiting=shown,
        given=given,
        url=url,
    )


def rows(found: Report, words: Words) -> list[tuple[str, str, str]]:
    """Return the figures before and now, as they are written."""
    say, before, now = words.say, found.before, found.now
    counted = [
        (say("flagged"), before.flagged, now.flagged), (say("decided by people"), before.decided, now.decided),
        (say("rejected"), before.rejected, now.rejected), (say("sent"), before.sent, now.sent),
        (say("of these by itself"), before.alone, now.alone),
        (say("hours saved"), round(found.hours_before, 1), round(found.hours, 1)),
    ]  # fmt: skip
    share = [words.forms.percent(each) if each is not None else "–" for each in (before.acceptance, now.acceptance)]  # noqa: RUF001  (a dash)
    written = [(name, words.number(was), words.number(is_now)) for name, was, is_now in counted]
    return [*written, (say("approved as it was"), share[0], share[1])]
