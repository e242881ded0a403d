"""What an answer means: by the source's own rules first, then by status."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from connectors.formula import Formula, FormulaFault
from connectors.http.answer import Answer, dig, words
from connectors.http.settings import ErrorRule, Meaning
from connectors.settings import Surroundings
from connectors.values import plain

BY_STATUS: Mapping[int, Meaning] = {
    401: "unauthorized",
    408: "unavailable",
    409: "conflict",
    410: "expired",
    412: "conflict",
    425: "unavailable",
    428: "conflict",
    429: "throttled",
    503: "unavailable",
}


class Judged(msgspec.Struct, frozen=True):
    """The meaning of an answer, in whose words, and how long the server asks us to wait (seconds)."""

    means: Meaning
    detail: str = ""
    retry_after: float = 0.0
    status: int = 0


class Judge:
    """Applies the rules of one source, in order; an answer that none matches is judged by its status."""

    def __init__(self, source: str, rules: Sequence[ErrorRule], surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._rules = [
            (Formula(rule.when, f"sources.{source}.errors.{index}.when", surroundings, _SCOPE), rule)
            for index, rule in enumerate(rules)
        ]

    def judge(self, answer: Answer) -> Judged:
        """Return what the answer means; a rule that gives no value does not match."""
        wait = self._retry_after(answer)
        for formula, rule in self._rules:
            if self._holds(formula, answer):
                detail = dig(answer.body, rule.detail) if rule.detail else words(answer)
                return Judged(rule.means, str(detail or f"status {answer.status}"), wait, answer.status)
        means = _by_status(answer.status)
        return Judged(means, "" if means == "ok" else _told(answer), wait, answer.status)

    def _holds(self, formula: Formula, answer: Answer) -> bool:
        scope: dict[str, Any] = {"status": answer.status, "headers": answer.headers, "body": answer.body}
        try:
            return formula.holds(plain(scope, self._surroundings.zone))
        except FormulaFault:
            return False

    def _retry_after(self, answer: Answer) -> float:
        """Read Retry-After, which is seconds or a date (RFC 9110, 10.2.3)."""
        value = answer.header("retry-after").strip()
        if value.replace(".", "", 1).isdecimal():
            return float(value)
        try:
            until = parsedate_to_datetime(value)
        except (ValueError, TypeError):
            return 0.0
        return max(0.0, (until - datetime.now(until.tzinfo)).total_seconds())


_SCOPE = ("status", "headers", "body")


def _by_status(status: int) -> Meaning:
    if 200 <= status < 300:
        return "ok"
    if status in BY_STATUS:
        return BY_STATUS[status]
    return "uncertain" if status >= 500 else "rejected"


def _told(answer: Answer) -> str:
    said = words(answer)
    return f"status {answer.status}: {said}" if said else f"status {answer.status}"
