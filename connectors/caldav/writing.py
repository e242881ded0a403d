"""Declared writes to a calendar: under a UID that follows from our key, over nothing that nobody has seen."""

import hashlib
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from icalendar import Calendar

from connectors.caldav.ical import Unreadable, component, data_of, main, parse, write
from connectors.caldav.settings import CaldavOperation, CaldavSource
from connectors.formula import Formula, FormulaFault
from connectors.http.answer import Answer
from connectors.http.errors import Judged
from connectors.http.transport import Expired, Request, Transport
from connectors.settings import Surroundings, build_all
from connectors.values import plain
from engine.events import Receipt
from engine.ports import NotGiven, SourceDown

ICAL = {"Content-Type": "text/calendar; charset=utf-8", "Accept": "text/calendar"}
KINDS = {"create_event": "VEVENT", "create_task": "VTODO"}
GONE = 404
STALE = 412


class Refused(Exception):
    """The payload makes no write that may be sent."""


class Writing:
    """One write operation of one calendar source, its expressions compiled; raises ConfigError."""

    def __init__(self, source: str, name: str, settings: CaldavOperation, surroundings: Surroundings) -> None:
        self._settings = settings
        self._clock = surroundings.clock
        self._zone = surroundings.zone
        place, names = f"sources.{source}.operations.{name}", (*settings.fields, "key", "now")
        texts = {f"set.{prop}": text for prop, text in settings.set.items()}
        texts |= {each: text for each in ("key", "before") if (text := getattr(settings, each))}
        self._formulas = build_all(
            {each: partial(Formula, text, f"{place}.{each}", surroundings, names) for each, text in texts.items()}
        )

    async def perform(self, transport: Transport, payload: Mapping[str, Any], key: str) -> Receipt:
        """Write once and say what became of it."""
        try:
            scope = self._scope(payload, key)
            if self._settings.do == "update":
                return await self._update(transport, scope, key)
            name = name_of(key)
            calendar = component(KINDS[self._settings.do], f"{name}@opslayer", self._clock.now())
            self._fill(calendar, scope, key)
        except (Refused, FormulaFault, ValueError) as refused:
            return Receipt(result="rejected", detail=str(refused))
        found, judged = await transport.write(self._put(name, calendar, {"If-None-Match": "*"}))
        if judged.status == STALE:
            return await self._there(transport, name, key)
        return _receipt(found, judged, name)

    async def probe(self, transport: Transport, payload: Mapping[str, Any], key: str) -> Receipt | None:
        """Look the write up by our key, which it left in the calendar; raises SourceDown."""
        name = name_of(key)
        if self._settings.do == "update":
            scope = {**dict.fromkeys(self._settings.fields), "key": key, "now": None, **plain(payload, self._zone)}
            try:
                name = self._name(scope)
            except Refused:
                return None
            except FormulaFault as fault:
                raise SourceDown(str(fault)) from fault
        known = await self._read(transport, name)
        return Receipt(result="ok", reference=name, version=known[0]) if known and known[2] == key else None

    async def _update(self, transport: Transport, scope: Mapping[str, Any], key: str) -> Receipt:
        name = self._name(scope)
        try:
            known = await self._read(transport, name)
        except SourceDown as down:
            return Receipt(result="unavailable", detail=str(down))
        if known is None:
            return Receipt(result="rejected", detail=f"there is no {name} in the calendar")
        version, calendar, ours, now = known
        if ours == key:
            return Receipt(result="ok", reference=name, version=version)
        if self._settings.before and self._formulas["before"].value({**scope, "now": now}) is not True:
            return Receipt(result="conflict", detail=f"the event has changed: not {self._settings.before}")
        self._fill(calendar, scope, key)
        found, judged = await transport.write(self._put(name, calendar, {"If-Match": version}))
        return _receipt(found, judged, name)

    async def _there(self, transport: Transport, name: str, key: str) -> Receipt:
        """Return what is to be said when our name is taken: an earlier try of ours has written it."""
        try:
            known = await self._read(transport, name)
        except SourceDown as down:
            return Receipt(result="uncertain", detail=str(down))
        if known and known[2] == key:
            return Receipt(result="ok", reference=name, version=known[0])
        return Receipt(result="conflict", detail=f"{name} is there, and not ours")

    async def _read(self, transport: Transport, name: str) -> tuple[str, Calendar, str, Mapping[str, Any]] | None:
        """Return ETag, calendar, the key of ours that it carries, and its data; None when it is not there."""
        try:
            found = await transport.read(Request(self._path(name), headers=ICAL), "interactive")
            calendar = parse(str(found.body))
        except NotGiven as refused:
            if refused.status == GONE:
                return None
            raise
        except (Expired, Unreadable) as error:
            raise SourceDown(str(error)) from error
        one = main(calendar)
        if one is None:
            raise SourceDown(f"{name} holds neither event nor task")
        data = data_of(one, self._zone)
        return found.header("etag"), calendar, str(data.get("our_key") or ""), data

    def _fill(self, calendar: Calendar, scope: Mapping[str, Any], key: str) -> None:
        one = main(calendar)
        assert one is not None
        values = {prop: self._formulas[f"set.{prop}"].value(scope) for prop in self._settings.set}
        try:
            write(one, values, key, self._clock.now())
        except (TypeError, AttributeError) as error:
            raise Refused(f"a value has no form that a calendar takes: {error}") from error

    def _scope(self, payload: Mapping[str, Any], key: str) -> dict[str, Any]:
        if missing := [name for name, needed in self._settings.fields.items() if needed and payload.get(name) is None]:
            raise Refused(f"the payload has no {', '.join(missing)}")
        return {**dict.fromkeys(self._settings.fields), "key": key, "now": None, **plain(payload, self._zone)}

    def _name(self, scope: Mapping[str, Any]) -> str:
        name = self._formulas["key"].value(scope)
        if not isinstance(name, str) or not name:
            raise Refused(f"`key` ({self._settings.key}) names no record")
        if "|" in name:
            raise Refused("one time of a recurring event cannot be changed by itself")
        return name

    def _put(self, name: str, calendar: Calendar, condition: Mapping[str, str]) -> Request:
        return Request(self._path(name), "PUT", content=calendar.to_ical(), headers={**ICAL, **condition})

    def _path(self, name: str) -> str:
        return member(self._settings.path, name)


def name_of(key: str) -> str:
    """Return the name, and with it the UID, of what is created under a key."""
    return hashlib.blake2b(key.encode(), digest_size=16).hexdigest()


def member(collection: str, name: str) -> str:
    """Return the path of a member of a collection."""
    return f"{collection.rstrip('/')}/{quote(name, safe='')}.ics"


def _receipt(found: Answer | None, judged: Judged, name: str) -> Receipt:
    match judged.means:
        case "ok" if found is not None:
            return Receipt(result="ok", reference=name, link=found.url, version=found.header("etag"))
        case "unauthorized":
            return Receipt(result="unavailable", detail=judged.detail)
        case "throttled" | "unavailable" | "rejected" | "conflict":
            return Receipt(result=judged.means, detail=judged.detail, retry_after=judged.retry_after)
        case "expired":
            return Receipt(result="rejected", detail=judged.detail)
        case _:
            return Receipt(result="uncertain", detail=judged.detail)


def operations(source: str, settings: CaldavSource, surroundings: Surroundings) -> dict[str, Writing]:
    """Return the write operations of a source; raises ConfigError."""
    return build_all(
        {name: partial(Writing, source, name, each, surroundings) for name, each in settings.operations.items()}
    )
