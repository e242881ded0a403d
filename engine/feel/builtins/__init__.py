"""The built-in functions: each name's forms with what runs them."""

from collections.abc import Mapping

from engine.feel.builtins.aggregates import AGGREGATES
from engine.feel.builtins.calendar import CALENDAR
from engine.feel.builtins.contexts import CONTEXTS
from engine.feel.builtins.conversion import CONVERSION
from engine.feel.builtins.lists import LISTS
from engine.feel.builtins.numeric import NUMERIC
from engine.feel.builtins.ranges import RANGES
from engine.feel.builtins.strings import STRINGS
from engine.feel.runtime.invoke import Builtin
from engine.feel.signatures import SIGNATURES

_ALL = {**CONVERSION, **STRINGS, **NUMERIC, **LISTS, **AGGREGATES, **CONTEXTS, **RANGES, **CALENDAR}


def _forms(name: str) -> tuple[Builtin, ...]:
    found = _ALL[name]
    lines = SIGNATURES[name]
    calls = found if isinstance(found, tuple) else (found,) * len(lines)
    return tuple(Builtin.of(line, call) for line, call in zip(lines, calls, strict=True))


BUILTINS: Mapping[str, tuple[Builtin, ...]] = {name: _forms(name) for name in SIGNATURES}


def form_for(name: str, count: int, names: tuple[str, ...] = ()) -> tuple[Builtin, tuple[int | None, ...]] | None:
    """The form that a call fits and for each parameter the number of its argument; None when no form fits."""
    for form in BUILTINS[name]:
        if names:
            order = form.signature.order(names)
            if order is not None:
                return form, order
        elif form.signature.takes(count):
            return form, tuple(range(count))
    return None
