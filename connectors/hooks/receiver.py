"""From a delivery to what it says: proved first, then read; handshakes answered."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from connectors.formula import Formula, FormulaFault
from connectors.hooks.delivery import Delivery, Denied, Reply, Unreadable
from connectors.hooks.proof import FieldProof, HmacProof, StandardProof, TokenProof, same
from connectors.hooks.settings import HookStream, Webhook
from connectors.hooks.subscribing import Subscriptions
from connectors.http.answer import dig
from connectors.settings import Surroundings
from connectors.values import digest, moment, plain
from engine.events import Record
from engine.memory import Hint
from engine.ports import Pushed, Rejected, Told
from engine.source import Place, Problem

SCOPE = ("item", "body", "headers", "query")
EXPRESSIONS = ("items", "when", "key", "data", "deleted", "at", "order", "version", "id")
MOST_RAW = 20_000
MOST_KEPT = 100
MOST_ITEMS = 10_000


class KeptSecrets:
    """The secrets that handshakes have brought, readable by their owner only."""

    def __init__(self, home: Path, source: str) -> None:
        self._path = home / "var" / "tokens" / f"{source}.hooks.json"

    def read(self) -> tuple[str, ...]:
        """Return them, the newest last."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=tuple[str, ...])
        except (OSError, msgspec.DecodeError):
            return ()

    def add(self, secret: str) -> None:
        """Keep one more, whole or not at all."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        whole = self._path.with_suffix(".tmp")
        whole.touch(mode=0o600)
        with whole.open("wb") as file:
            file.write(msgspec.json.encode([*(each for each in self.read() if each != secret), secret][-MOST_KEPT:]))
            file.flush()
            os.fsync(file.fileno())
        whole.replace(self._path)


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream's expressions, compiled; the empty ones are absent."""

    name: str
    settings: HookStream
    formulas: Mapping[str, Formula]
    carries: bool

    def value(self, name: str, scope: Mapping[str, Any]) -> Any:  # noqa: ANN401  (a FEEL value)
        """Return the value of an expression, None where there is none; raises FormulaFault."""
        return self.formulas[name].value(scope) if name in self.formulas else None


class Receiver:
    """The webhook of one source. Raises ConfigError with the faults of its expressions."""

    def __init__(
        self,
        source: str,
        settings: Webhook,
        surroundings: Surroundings,
        carried: Mapping[str, HookStream],
        base: str = "",
    ) -> None:
        """`carried`: streams whose records are sent whole though they name no `data`: the item is the record."""
        place = f"sources.{source}.webhook"
        self.source = source
        self.most = settings.most
        self._settings = settings
        self._zone: tzinfo = surroundings.zone
        self._kept = KeptSecrets(surroundings.home, source)
        self._proofs: list[HmacProof | StandardProof | TokenProof] = []
        if settings.hmac:
            self._proofs.append(HmacProof(place, settings.hmac, surroundings))
        if settings.standard:
            self._proofs.append(StandardProof(settings.standard, surroundings.clock))
        if settings.token:
            self._proofs.append(TokenProof(settings.token))
        self._field = FieldProof(place, settings.field, surroundings) if settings.field else None
        self.subscriptions = Subscriptions(source, base, settings, surroundings)
        self._renewal = _stream("renew", HookStream(when=settings.renew), place, settings, surroundings, carries=False)
        self._streams = [
            *(_stream(name, each, f"{place}.streams.{name}", settings, surroundings, carries=bool(each.data))
              for name, each in settings.streams.items()),
            *(_stream(name, each, f"sources.{source}.streams.{name}", settings, surroundings, carries=True)
              for name, each in carried.items()),
        ]  # fmt: skip

    # --- handshakes -------------------------------------------------------------------------------------------

    def greet(self, delivery: Delivery) -> Reply | None:
        """Return the answer to a handshake, None for anything else; raises Denied."""
        greets = self._settings.handshake
        if greets is None:
            return None
        if greets.field:
            return self._challenged(delivery, greets.field)
        sent = delivery.query.get(greets.param) if greets.param else delivery.headers.get(greets.header.lower())
        if not sent:
            return None
        if greets.token is not None and not same(delivery.query.get(greets.sent_as, ""), [greets.token]):
            raise Denied("the token of the handshake is not right")
        if greets.keep:
            self._kept.add(sent)
        return Reply(text=sent) if greets.param else Reply(headers={greets.header: sent})

    def _challenged(self, delivery: Delivery, field: str) -> Reply | None:
        """Answer a challenge in the body, which is proved like every delivery."""
        try:
            challenge = dig(delivery.content(), field)
        except Unreadable:
            return None
        if not isinstance(challenge, str) or not challenge:
            return None
        self._prove(delivery)
        return Reply(text=challenge)

    # --- deliveries -------------------------------------------------------------------------------------------

    def hear(self, delivery: Delivery) -> Told:
        """Return what a delivery says; raises Denied, Unreadable."""
        body = self._prove(delivery)
        scope = {"body": body, "headers": delivery.headers, "query": delivery.query, "item": body}
        origin = f"webhook {self._name_of(delivery) or digest(body)}"
        parts = [each for stream in self._streams for each in self._read(stream, scope, delivery, origin)]
        return Told(
            pushed=tuple(each for each in parts if isinstance(each, Pushed)),
            hints=tuple(each for each in parts if isinstance(each, tuple)),
            rejected=tuple(each for each in parts if isinstance(each, Rejected)),
            renew=bool(self._settings.renew) and any(self._read(self._renewal, scope, delivery, origin)),
        )

    def refusal(self, delivery: Delivery, why: str) -> Rejected:
        """Return what waits in quarantine of a delivery that was proved and could not be read."""
        return self._rejected("", digest(delivery.body.hex()), delivery.body, "bad-delivery", why)

    def _prove(self, delivery: Delivery) -> Any:  # noqa: ANN401  (a FEEL value)
        """Return the content of a delivery that is the vendor's; raises Denied, Unreadable."""
        if self._settings.url:
            query = f"?{delivery.query_text}" if delivery.query_text else ""
            delivery = msgspec.structs.replace(delivery, url=self._settings.url.partition("?")[0] + query)
        kept = self._kept.read() if self._settings.handshake and self._settings.handshake.keep else ()
        for each in self._proofs:
            each.check(delivery, kept)
        if self._field and not self._proofs:
            try:
                body = plain(delivery.content(), self._zone)
            except Unreadable as unread:
                raise Denied("the secret is missing") from unread
        else:
            body = plain(delivery.content(), self._zone)
        if self._field:
            self._field.check(body)
        return body

    def _name_of(self, delivery: Delivery) -> str:
        standard = self._settings.standard
        return delivery.headers.get(f"{standard.headers}-id", "") if standard else ""

    def _read(
        self, stream: Stream, scope: Mapping[str, Any], delivery: Delivery, origin: str
    ) -> Iterator[Pushed | tuple[str, Hint] | Rejected]:
        try:
            found = stream.value("items", scope) if "items" in stream.formulas else scope["body"]
        except FormulaFault as fault:
            yield self._rejected(stream.name, origin, delivery.body, "faulty-expression", str(fault))
            return
        items = found if isinstance(found, list) else [] if found is None else [found]
        for index, item in enumerate(each for each in items[:MOST_ITEMS] if each is not None):
            own = item if isinstance(item, Mapping) else {}
            try:
                told = self._item(stream, {**own, **scope, "item": item}, index, delivery, origin)
            except (FormulaFault, _Faulty) as fault:
                yield self._rejected(stream.name, digest(item), _json(item), "faulty-item", str(fault))
            else:
                if told is not None:
                    yield told

    def _item(
        self, stream: Stream, scope: Mapping[str, Any], index: int, delivery: Delivery, origin: str
    ) -> Pushed | tuple[str, Hint] | None:
        if "when" in stream.formulas and stream.value("when", scope) is not True:
            return None
        key = stream.value("key", scope)
        gone = stream.value("deleted", scope) is True
        name = stream.value("id", scope) if "id" in stream.formulas else self._name_of(delivery)
        more = f"/{index}" if name and "id" not in stream.formulas else ""
        id = f"hook/{stream.name}/{name}{more}" if name not in {None, ""} else ""
        if not stream.carries:
            return id, Hint(self.source, stream.name, "" if key is None else str(key), gone)
        if key is None or key == "":
            raise _Faulty(f"`key` ({stream.settings.key or 'not declared'}) gives nothing")
        data = stream.value("data", scope) if "data" in stream.formulas else scope["item"]
        if not isinstance(data, Mapping) and not gone:
            raise _Faulty("the record is no JSON object")
        at = _moment(stream.value("at", scope), self._zone)
        order = stream.value("order", scope) if "order" in stream.formulas else at
        version = stream.value("version", scope)
        record = Record(
            source=self.source,
            stream=stream.name,
            key=str(key),
            data=_chosen(data, stream.settings.fields),
            version=str(version) if version is not None else digest(data),
            valid_at=at,
            deleted=gone,
            event_id=id,
            origin=origin,
        )
        return Pushed(record=record, mark=order if isinstance(order, Decimal) else _moment(order, self._zone))

    def _rejected(self, stream: str, key: str, raw: bytes, code: str, message: str) -> Rejected:
        place = Place(f"sources.{self.source}.webhook")
        return Rejected(
            source=self.source,
            stream=stream or "webhook",
            key=key,
            raw=raw[:MOST_RAW].decode("utf-8", "replace"),
            problem=Problem(code=code, message=message, place=place),
        )


class _Faulty(Exception):
    """An item says nothing that can be used."""


def _chosen(data: object, fields: tuple[str, ...]) -> Mapping[str, Any]:
    known: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
    return {name: known.get(name) for name in fields} if fields else known


def _moment(value: object, zone: tzinfo) -> datetime | None:
    """Return a moment; a number, or digits, counts seconds since 1970."""
    if isinstance(value, str) and value.isdecimal():
        value = Decimal(value)
    if isinstance(value, Decimal):
        return datetime.fromtimestamp(float(value), UTC) if abs(value) < Decimal(10) ** 11 else None
    return moment(value, zone)


def _json(item: object) -> bytes:
    return msgspec.json.encode(item, enc_hook=str)


def _stream(
    name: str, settings: HookStream, place: str, section: Webhook, surroundings: Surroundings, *, carries: bool
) -> Stream:
    """Compile a stream's expressions; the section's own hold where it names none. Raises ConfigError."""
    declared = {each: getattr(settings, each) for each in EXPRESSIONS}
    declared["items"] = declared["items"] or section.items
    declared["id"] = declared["id"] or section.id
    formulas = {
        each: Formula(text, f"{place}.{each}", surroundings, SCOPE, sparse=True)
        for each, text in declared.items()
        if text
    }
    return Stream(name, settings, formulas, carries)
