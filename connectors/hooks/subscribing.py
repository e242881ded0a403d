"""From what the settings say of a subscription to the request that makes or prolongs it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote

from connectors.formula import Formula
from connectors.hooks.proof import texts
from connectors.hooks.settings import Renewal, Subscribe, Webhook
from connectors.http.building import SLOT, filled
from connectors.http.building import texts as written
from connectors.settings import Surroundings, build_all
from connectors.values import digest
from engine.ports import Standing, Wish

SCOPE = ("url", "secret", "base", "id", "until")
SHORT = timedelta(seconds=1)


class Subscriptions:
    """The subscriptions of one source. Raises ConfigError with the faults of their expressions."""

    def __init__(self, source: str, base: str, settings: Webhook, surroundings: Surroundings) -> None:
        """`base`: the address of the source's system."""
        self._settings = settings if settings.url else None
        place = f"sources.{source}.webhook.subscribe"
        secret = next((each for check in _checks(settings) for each in texts(check)), "")
        self._given = {"url": settings.url, "secret": secret, "base": base}
        self._formulas = build_all(
            {
                text: partial(Formula, text, f"{place}.{name}", surroundings, SCOPE)
                for name, each in settings.subscribe.items()
                for text in _expressions(each)
            }
        )

    @property
    def names(self) -> Sequence[str]:
        """The subscriptions that can be made: none, where nobody says at what address we are reached."""
        return tuple(self._settings.subscribe) if self._settings else ()

    def due(self, name: str, standing: Standing | None, now: datetime) -> bool:
        """Whether it must be made or prolonged: half of its time is over, or it was another."""
        if standing is None or standing.of != self._mark(name):
            return True
        return now >= standing.made + max((standing.until - standing.made) / 2, SHORT)

    def prolonging(self, name: str, standing: Standing, now: datetime) -> Wish | None:
        """Return the request that prolongs a subscription, None where it is made anew. Raises FormulaFault."""
        renew = self._each(name).renew
        if renew is None or standing.of != self._mark(name):
            return None
        return self._wish(name, renew, now, standing.id)

    def making(self, name: str, now: datetime) -> Wish:
        """Return the request that makes a subscription; raises FormulaFault."""
        return self._wish(name, self._each(name), now, "")

    def _wish(self, name: str, each: Subscribe | Renewal, now: datetime, id: str) -> Wish:
        declared = self._each(name)
        until = now + declared.lasts
        scope = {**self._given, "id": id, "until": until.astimezone(UTC)}
        return Wish(
            method=each.method,
            path=SLOT.sub(lambda slot: quote(str(self._value(slot[1], scope)), safe=""), each.path),
            content=filled(each.json, lambda text: self._value(text, scope)),
            headers=declared.headers,
            id=declared.id,
            until=declared.until,
            standing=Standing(id=id, made=now, until=until, of=self._mark(name)),
        )

    def _value(self, text: str, scope: Mapping[str, Any]) -> Any:  # noqa: ANN401  (a FEEL value)
        return self._formulas[text].value(scope)

    def _mark(self, name: str) -> str:
        """Return what tells one subscription from another of the same name, without its secret."""
        each = self._each(name)
        return digest([each.path, each.json, self._given["url"], self._given["base"], digest(self._given["secret"])])

    def _each(self, name: str) -> Subscribe:
        assert self._settings is not None
        return self._settings.subscribe[name]


def _checks(settings: Webhook) -> Iterator[Any]:
    for check in (settings.field, settings.token, settings.hmac, settings.standard):
        if check is not None:
            yield check.secret


def _expressions(each: Subscribe) -> Iterator[str]:
    for part in (each, *((each.renew,) if each.renew else ())):
        yield from SLOT.findall(part.path)
        yield from written(part.json)
