"""One canonical JSON Schema, lowered to what each provider's server can be held to.

What is left out here is checked by us afterwards all the same, against the canonical schema.

Sources: platform.openai.com/docs/guides/structured-outputs (all properties required, none additional);
platform.claude.com/docs/en/build-with-claude/structured-outputs (none additional, no limits on numbers and lengths);
ai.google.dev/gemini-api/docs/structured-output (a subset of JSON Schema).
"""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

_SHAPE = frozenset({"type", "enum", "description", "items", "properties", "required", "anyOf", "additionalProperties"})


def for_openai(schema: Schema) -> dict[str, Any]:
    """Return the schema with every property required; one that is optional may be null."""
    lowered = _shape(schema, for_openai)
    if "properties" in lowered:
        required = set(schema.get("required", ()))
        lowered["properties"] = {
            name: each if name in required else _or_null(each) for name, each in lowered["properties"].items()
        }
        lowered["required"] = list(lowered["properties"])
        lowered["additionalProperties"] = False
    return lowered


def for_anthropic(schema: Schema) -> dict[str, Any]:
    """Return the schema with nothing additional."""
    lowered = _shape(schema, for_anthropic)
    if "properties" in lowered:
        lowered["additionalProperties"] = False
    return lowered


def for_google(schema: Schema) -> dict[str, Any]:
    """Return the schema with its properties in the order in which they are to be written."""
    lowered = _shape(schema, for_google)
    if "properties" in lowered:
        lowered["propertyOrdering"] = list(lowered["properties"])
    return lowered


def _shape(schema: Schema, lower: Any) -> dict[str, Any]:  # noqa: ANN401  (one of the functions above)
    found = {name: value for name, value in schema.items() if name in _SHAPE}
    if "properties" in found:
        found["properties"] = {name: lower(each) for name, each in found["properties"].items()}
    if "items" in found:
        found["items"] = lower(found["items"])
    if "anyOf" in found:
        found["anyOf"] = [lower(each) for each in found["anyOf"]]
    return found


def _or_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    if "enum" in schema:
        return {**schema, "type": _types(schema), "enum": [*schema["enum"], None]}
    return {**schema, "type": _types(schema)} if "type" in schema else {"anyOf": [dict(schema), {"type": "null"}]}


def _types(schema: Mapping[str, Any]) -> list[str]:
    known = schema.get("type", "string")
    found = [known] if isinstance(known, str) else list(known)
    return [*found, *([] if "null" in found else ["null"])]
