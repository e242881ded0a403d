"""String built-ins (DMN 1.5, 10.3.4.3)."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from engine.feel.builtins.regexp import Pattern, PatternError, compiled, replacement
from engine.feel.env import Env
from engine.feel.runtime.kinds import Place, kind
from engine.feel.values import Value


def substring(env: Env, at: Place, string: str, start: Decimal, length: Decimal | None = None) -> Value:
    """The built-in `substring`, positions from 1, or from the end when negative; in Unicode characters."""
    first = int(start)
    if first == 0 or abs(first) > len(string) or (length is not None and length < 1):
        env.fault(f"there is no position {start} with that length in a string of {len(string)}", at)
        return None
    begin = first - 1 if first > 0 else len(string) + first
    return string[begin:] if length is None else string[begin : begin + int(length)]


def string_length(_env: Env, _at: Place, string: str) -> Decimal:
    """The built-in `string length`."""
    return Decimal(len(string))


def upper_case(_env: Env, _at: Place, string: str) -> str:
    """The built-in `upper case`."""
    return string.upper()


def lower_case(_env: Env, _at: Place, string: str) -> str:
    """The built-in `lower case`."""
    return string.lower()


def substring_before(_env: Env, _at: Place, string: str, match: str) -> str:
    """The built-in `substring before`: empty when there is no match."""
    return string.partition(match)[0] if match and match in string else ""


def substring_after(_env: Env, _at: Place, string: str, match: str) -> str:
    """The built-in `substring after`: empty when there is no match."""
    return string[string.index(match) + len(match) :] if match in string else ""


def contains(_env: Env, _at: Place, string: str, match: str) -> bool:
    """The built-in `contains`."""
    return match in string


def starts_with(_env: Env, _at: Place, string: str, match: str) -> bool:
    """The built-in `starts with`."""
    return string.startswith(match)


def ends_with(_env: Env, _at: Place, string: str, match: str) -> bool:
    """The built-in `ends with`."""
    return string.endswith(match)


def _pattern(pattern: str, flags: str, env: Env, at: Place) -> Pattern | None:
    try:
        return compiled(pattern, flags)
    except PatternError as fault:
        env.fault(f"{pattern!r} is no pattern: {fault}", at)
        return None


def _too_slow(env: Env, at: Place) -> None:
    env.fault(f"the pattern took longer than {env.limits.regex_seconds} s", at)


def matches(env: Env, at: Place, string: str, pattern: str, flags: str | None = None) -> bool | None:
    """The built-in `matches`: whether the pattern occurs in the string."""
    found = _pattern(pattern, flags or "", env, at)
    if found is None:
        return None
    try:
        return found.search(string, timeout=env.limits.regex_seconds) is not None
    except TimeoutError:
        _too_slow(env, at)
        return None


def replace(env: Env, at: Place, string: str, pattern: str, new: str, flags: str | None = None) -> str | None:
    """The built-in `replace`: every match; a pattern that matches nothing at all is a fault."""
    found = _pattern(pattern, flags or "", env, at)
    if found is None:
        return None
    try:
        if "q" in (flags or ""):
            result = found.sub(lambda _: new, string, timeout=env.limits.regex_seconds)
        else:
            result = found.sub(replacement(new, found.groups), string, timeout=env.limits.regex_seconds)
    except TimeoutError:
        _too_slow(env, at)
        return None
    except PatternError as fault:
        env.fault(str(fault), at)
        return None
    return _bounded(result, env, at)


def split(env: Env, at: Place, string: str, delimiter: str) -> Value:
    """The built-in `split` by a pattern."""
    found = _pattern(delimiter, "", env, at)
    if found is None:
        return None
    try:
        starts_ends = [match.span() for match in found.finditer(string, timeout=env.limits.regex_seconds)]
    except TimeoutError:
        _too_slow(env, at)
        return None
    env.spend(len(starts_ends))
    parts, last = [], 0
    for start, end in starts_ends:
        parts.append(string[last:start])
        last = end
    return [*parts, string[last:]]


def string_join(env: Env, at: Place, items: Sequence[Value], delimiter: str | None = None) -> Value:
    """The built-in `string join`, leaving nulls out."""
    words = [item for item in items if item is not None]
    for word in words:
        if not isinstance(word, str):
            env.fault(f"a list of strings has {kind(word)} in it", at)
            return None
    if sum(map(len, words)) + len(words) * len(delimiter or "") > env.limits.characters:
        return _bounded(None, env, at)
    return (delimiter or "").join(words)


def _bounded(result: str | None, env: Env, at: Place) -> str | None:
    if result is not None and len(result) <= env.limits.characters:
        return result
    env.fault(f"the string would be longer than {env.limits.characters:,} characters", at)
    return None


STRINGS: Mapping[str, Callable[..., Value]] = {
    "substring": substring,
    "string length": string_length,
    "upper case": upper_case,
    "lower case": lower_case,
    "substring before": substring_before,
    "substring after": substring_after,
    "replace": replace,
    "contains": contains,
    "starts with": starts_with,
    "ends with": ends_with,
    "matches": matches,
    "split": split,
    "string join": string_join,
}
