"""From where reading stands to the request for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from connectors.formula import Formula, FormulaFault
from connectors.http.answer import put
from connectors.http.paging import Ask, first
from connectors.http.settings import HttpList, HttpStream
from connectors.http.transport import Request
from connectors.settings import Surroundings
from engine.ports import SourceDown

SCOPE = ("since", "key")


@dataclass(frozen=True, slots=True)
class Asking:
    """How one stream asks: its cursor as the API wants it, its parameters in the address or in the body."""

    settings: HttpStream
    value: Formula | None

    def first(self, since: str, token: str) -> Ask:
        """Return the first request of a pass."""
        cursor = self.settings.cursor
        if token and cursor and not cursor.param:
            return Ask({}, token)
        return first(self.settings.page, self.settings.params, since or token)

    def request(self, ask: Ask) -> Request:
        """Return what is sent."""
        params: Mapping[str, str | int] = ask.params if ask.url else {**ask.params, **self._cursor(ask)}
        content = None
        if self.settings.method == "POST" and not ask.url:
            content, params = _body(self.settings.body or {}, params), {}
        return Request(ask.url or self.settings.path, self.settings.method, params, content, self.settings.headers)

    def _cursor(self, ask: Ask) -> dict[str, str]:
        cursor = self.settings.cursor
        if cursor is None or not cursor.param:
            return {}
        since = ask.since or cursor.start
        if self.value is None:
            return {cursor.param: since} if since else {}
        try:
            value = self.value.value({"since": since or None, "key": ask.key or None})
        except FormulaFault as fault:
            raise SourceDown(str(fault)) from fault
        return {} if value is None else {cursor.param: str(value)}


def _body(declared: Mapping[str, Any], params: Mapping[str, str | int]) -> bytes:
    """Return the declared JSON with each parameter at its path."""
    body: Any = declared
    for path, value in params.items():
        body = put(body, path, value)
    return msgspec.json.encode(body)


def make_asking(source: str, stream: str, settings: HttpStream, surroundings: Surroundings) -> Asking:
    """Compile the cursor's expression; raises ConfigError."""
    text = settings.cursor.value if settings.cursor else ""
    place = f"sources.{source}.streams.{stream}.cursor.value"
    return Asking(settings, Formula(text, place, surroundings, SCOPE) if text else None)


def list_asking(stream: HttpStream, each: HttpList) -> Asking:
    """Return how a list beside the stream's changes is asked for."""
    plain = msgspec.structs.replace(
        stream,
        path=each.path,
        page=each.page,
        items=each.items or stream.items,
        params=each.params,
        method="GET",
        body=None,
        cursor=None,
    )
    return Asking(plain, None)
