"""Context built-ins (DMN 1.5, 10.3.4.8)."""

from collections.abc import Callable, Mapping, Sequence

from engine.feel.env import Env
from engine.feel.runtime.kinds import Place, kind
from engine.feel.values import Value, keys


def get_value(_env: Env, _at: Place, context: Value, key: str) -> Value:
    """The built-in `get value`: null for a key that is not there."""
    return context.get(key)


def get_entries(_env: Env, _at: Place, context: Value) -> Value:
    """The built-in `get entries`."""
    return [{"key": key, "value": context.get(key)} for key in keys(context)]


def _entries(context: Value) -> dict[str, Value]:
    return {key: context.get(key) for key in keys(context)}


def context_put(env: Env, at: Place, context: Value, key: Value, value: Value) -> Value:
    """The built-in `context put`, with one key or the keys of a path."""
    if isinstance(key, str):
        return {**_entries(context), key: value}
    if not key or any(not isinstance(each, str) for each in key):
        if None not in key:
            env.fault("keys must be a list of strings that is not empty", at)
        return None
    if len(key) == 1:
        return {**_entries(context), key[0]: value}
    inner = context.get(key[0])
    if kind(inner) != "context":
        env.fault(f"`{key[0]}` holds no context", at)
        return None
    changed = context_put(env, at, inner, key[1:], value)
    return None if changed is None else {**_entries(context), key[0]: changed}


def context_merge(env: Env, at: Place, contexts: Sequence[Value]) -> Value:
    """The built-in `context merge`: later entries win."""
    merged: dict[str, Value] = {}
    for context in contexts:
        if kind(context) != "context":
            _not_a_context(context, env, at)
            return None
        merged.update(_entries(context))
    return merged


def _not_a_context(value: Value, env: Env, at: Place) -> None:
    if value is not None:
        env.fault(f"{kind(value)} is no context", at)


def make_context(env: Env, at: Place, entries: Sequence[Value]) -> Value:
    """The built-in `context`: from a list of contexts with `key` and `value`."""
    found: dict[str, Value] = {}
    for entry in entries:
        if kind(entry) != "context" or "value" not in keys(entry):
            env.fault("an entry is a context with `key` and `value`", at)
            return None
        key = entry.get("key")
        if not isinstance(key, str) or key in found:
            env.fault("keys are strings that do not repeat", at)
            return None
        found[key] = entry.get("value")
    return found


CONTEXTS: Mapping[str, Callable[..., Value]] = {
    "get value": get_value,
    "get entries": get_entries,
    "context put": context_put,
    "context merge": context_merge,
    "context": make_context,
}
