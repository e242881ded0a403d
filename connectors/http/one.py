"""Reading one record by its key, in the lane that is kept for people who wait."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

from connectors.formula import Formula, FormulaFault
from connectors.http.answer import dig
from connectors.http.building import SLOT
from connectors.http.items import Items
from connectors.http.nested import complete
from connectors.http.settings import HttpOne
from connectors.http.transport import Expired, Request, Transport
from connectors.settings import Surroundings, build_all
from engine.events import Record
from engine.ports import NotGiven, Rejected, SourceDown

SCOPE = ("key", "keys")
_MISSING = 404


@dataclass(frozen=True, slots=True)
class One:
    """The request for one record of a stream."""

    transport: Transport
    items: Items
    settings: HttpOne
    formulas: Mapping[str, Formula]

    async def fetch(self, key: str) -> Record | None:
        """Return the record, None when the server has none under this key; raises SourceDown."""
        try:
            found = await self.transport.read(
                Request(self._path(key), headers=self.items.settings.headers), "interactive"
            )
        except Expired:
            return None  # 410 Gone
        except SourceDown as down:
            if isinstance(down, NotGiven) and down.status == _MISSING:
                return None
            raise
        item = dig(found.body, self.settings.item)
        if isinstance(item, list):
            item = item[0] if item else None
        if item is None:
            return None
        item = await complete(self.transport, self.items.settings.nested, item, "interactive")
        record = self.items.record(item)
        if isinstance(record, Rejected):
            raise SourceDown(f"{record.source}: {record.problem.message}")
        return None if record.deleted else record

    def _path(self, key: str) -> str:
        scope: dict[str, Any] = {"key": key, "keys": key.split("|")}

        def fill(slot: re.Match[str]) -> str:
            return quote(str(self.formulas[slot[1]].value(scope)), safe="")

        try:
            return SLOT.sub(fill, self.settings.path)
        except FormulaFault as fault:
            raise SourceDown(str(fault)) from fault


def make_one(transport: Transport, items: Items, settings: HttpOne, surroundings: Surroundings) -> One:
    """Compile the path's slots; raises ConfigError."""
    place = f"sources.{items.source}.streams.{items.stream}.one.path"
    formulas = build_all(
        {text: partial(Formula, text, place, surroundings, SCOPE) for text in SLOT.findall(settings.path)}
    )
    return One(transport, items, settings, formulas)
