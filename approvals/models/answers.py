"""An answer held against the canonical schema, whatever the provider promised."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from engine.ports import ModelFailed

_FENCE = re.compile(r"\A```(?:json)?\s*(.*?)\s*```\Z", re.DOTALL)
_SHOWN = 3


def held(name: str, text: str, schema: Mapping[str, Any]) -> dict[str, object]:
    """Return the object in a model's text; raises ModelFailed `invalid` when it is not of the agreed form.

    An optional property that is null is one that was left out: a provider that demands all of them answers so.
    """
    fenced = _FENCE.match(text.strip())
    try:
        found = msgspec.json.decode(fenced[1] if fenced else text.strip())
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise ModelFailed("invalid", f"{name} did not answer in the agreed form: {error}") from error
    from jsonschema import Draft202012Validator  # slow to import, and only a model's answer needs it

    value = without_nulls(found, schema)
    faults = sorted(Draft202012Validator(schema).iter_errors(value), key=lambda fault: list(map(str, fault.path)))
    if faults or not isinstance(value, dict):
        told = "; ".join(f"{fault.json_path}: {fault.message[:200]}" for fault in faults[:_SHOWN])
        raise ModelFailed("invalid", f"{name} did not answer in the agreed form: {told or 'no object'}")
    return value


def without_nulls(value: Any, schema: Mapping[str, Any]) -> Any:  # noqa: ANN401  (JSON)
    """Return the value without optional properties that are null where the schema takes no null."""
    if isinstance(value, list):
        return [without_nulls(each, schema.get("items", {})) for each in value]
    if not isinstance(value, dict):
        return value
    known, required = schema.get("properties", {}), schema.get("required", ())
    return {
        name: without_nulls(each, known.get(name, {}))
        for name, each in value.items()
        if each is not None or name in required or name not in known or "null" in known[name].get("type", ())
    }
