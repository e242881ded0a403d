"""A first mapping: which entity a stream most likely tells of, and which of its fields mean the same."""

from collections.abc import Mapping
from typing import Any

from connectors.proposing.draft import Draft, StreamDraft, words
from engine.model.structs import EntityType, Field, Model

ALIKE: Mapping[str, tuple[str, ...]] = {
    "customer": ("account", "company", "client", "debtor", "partner", "clcard", "arp", "kunde", "cari"),
    "contact": ("person",),
    "supplier": ("vendor", "creditor"),
    "product": ("item", "article", "material", "sku"),
    "quote": ("deal", "opportunity", "offer", "quotation", "estimate"),
    "order": ("salesorder",),
    "invoice": ("bill", "billing", "fatura"),
    "payment": ("receipt", "collection"),
    "ticket": ("case", "issue", "incident", "request"),
    "task": ("activity", "todo"),
    "meeting": ("event", "appointment"),
    "note": ("comment",),
    "shipment": ("delivery", "parcel"),
}
FIELDS: Mapping[str, tuple[str, ...]] = {
    "name": ("full name", "display name", "company name", "legal name", "title", "description"),
    "email": ("email address", "e mail", "mail"),
    "phone": ("telephone", "phone number", "phone 1", "mobile"),
    "tax_id": ("vat number", "tax number", "vat id", "federal tax id", "taxnr", "taxid"),
    "city": ("town",),
    "street_address": ("address", "street"),
    "postal_code": ("zip", "zip code", "postcode"),
    "number": ("document number", "doc num", "invoice number", "order number", "no", "reference"),
    "code": ("account code", "customer code", "number", "customer number"),
    "amount": ("total", "grand total", "total amount", "amount total", "doc total"),
    "currency": ("currency code", "doc currency"),
    "issued_on": ("issue date", "invoice date", "doc date", "date"),
    "due_date": ("due", "due on", "payment due", "doc due date"),
    "paid_on": ("payment date", "date"),
    "ordered_on": ("order date", "date"),
    "title": ("subject", "summary"),
    "text": ("body", "description", "notes"),
    "status": ("state",),
}
MAKEABLE = frozenset({"text", "number", "money", "date", "datetime", "boolean", "any"})


def mapping_of(source: str, draft: Draft, model: Model) -> dict[str, Any]:
    """Return the mapping as plain data; a stream that resembles no entity of the model is left out."""
    streams = {}
    for name, stream in draft.streams.items():
        entity = entity_of(name, stream, model)
        if entity:
            streams[name] = [_entity(entity, stream, model.entities[entity])]
    return {"format": 1, "source": source, "streams": streams}


def entity_of(name: str, stream: StreamDraft, model: Model) -> str:
    """Return the entity type that a stream's name means, "" when none is alike."""
    called = str(stream.settings.get("entity_set") or stream.settings.get("table") or name)
    said = "".join(_single(word) for word in words(called))
    for entity in sorted(model.entities, key=len, reverse=True):
        if any(said.endswith(alike) for alike in ("".join(words(entity)), *ALIKE.get(entity, ()))):
            return entity
    return ""


def _single(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _entity(name: str, stream: StreamDraft, entity: EntityType) -> dict[str, Any]:
    columns = {" ".join(words(each)): each for each in stream.fields}
    fields: dict[str, str] = {}
    for field, declared in entity.fields.items():
        column = _column(field, name, columns)
        if column and _makeable(declared):
            fields[field] = column
    for field in [each for each in fields if entity.fields[each].type == "money"]:
        declared = entity.fields[field]
        if declared.currency_field and declared.currency_field not in fields:
            del fields[field]
    key = stream.settings["key"]
    found: dict[str, Any] = {"entity": name}
    if isinstance(key, str):
        found["id"] = key
    keys = {each: fields[each] for each in ("tax_id", "email") if each in fields}
    return {**found, **({"keys": keys} if keys else {}), "fields": fields}


def _makeable(field: Field) -> bool:
    return not (field.ref or field.derived or field.concluded or field.values) and (field.type or "any") in MAKEABLE


def _column(field: str, entity: str, columns: Mapping[str, str]) -> str:
    plain = " ".join(words(field))
    for each in (plain, f"{entity} {plain}", *FIELDS.get(field, ())):
        if each in columns:
            return columns[each]
    return ""
