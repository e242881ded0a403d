"""Settings that name variables of the environment: which are not set, and what stands for them meanwhile."""

import os
from collections.abc import Iterator, Mapping
from typing import Any


def given(options: Any) -> dict[str, Any]:  # noqa: ANN401  (settings as the file has them)
    """Return the options that have a value."""
    return {name: value for name, value in options.items() if value != ""}


def _is_variable(value: Any) -> bool:  # noqa: ANN401  (settings as the file has them)
    return isinstance(value, Mapping) and "env" in value and set(value) <= {"env", "default", "place"}


def unset(options: Any) -> Iterator[str]:  # noqa: ANN401  (settings as the file has them)
    """Yield the variables that are named, not set, and have no default."""
    if _is_variable(options):
        if not os.environ.get(str(options["env"])) and options.get("default") is None:
            yield str(options["env"])
    elif isinstance(options, Mapping):
        for value in options.values():
            yield from unset(value)
    elif isinstance(options, list | tuple):
        for value in options:
            yield from unset(value)


def stand_in(options: Any) -> Any:  # noqa: ANN401  (settings as the file has them)
    """Return options with a value that any setting takes in place of each variable."""
    if _is_variable(options):
        return options.get("default") or os.environ.get(str(options["env"])) or "1"
    if isinstance(options, Mapping):
        return {name: stand_in(value) for name, value in options.items()}
    return [stand_in(value) for value in options] if isinstance(options, list | tuple) else options
