"""Settings that come from the environment: `{env: NAME, default: ...}` wherever a plain value may stand."""

from collections.abc import Mapping
from typing import Any, overload

import msgspec

from engine.source.problem import Place


class Env(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A value taken from the environment when the program starts; secrets are never written anywhere else."""

    title_in_messages = "environment value"

    env: str
    """The name of the environment variable."""
    default: str | int | bool | None = None
    """The value when the variable is not set."""
    place: Place = Place("")


Text = str | Env


@overload
def resolve(setting: str | Env, environ: Mapping[str, str]) -> str: ...
@overload
def resolve(setting: None, environ: Mapping[str, str]) -> None: ...
def resolve(setting: str | Env | None, environ: Mapping[str, str]) -> Any:
    """Return the value of a setting, empty when its variable is not set and has no default."""
    if not isinstance(setting, Env):
        return setting
    found = environ.get(setting.env)
    if found:
        return found
    return "" if setting.default is None else setting.default


def resolved(options: Any, environ: Mapping[str, str]) -> Any:  # noqa: ANN401  (any tree of settings)
    """Return plain options with every `{env: ...}` in them replaced by its value."""
    if isinstance(options, Env):
        return resolve(options, environ)
    if isinstance(options, Mapping):
        if "env" in options and set(options) <= {"env", "default", "place"}:
            return resolve(Env(env=str(options["env"]), default=options.get("default")), environ)
        return {name: resolved(value, environ) for name, value in options.items()}
    if isinstance(options, list | tuple):
        return [resolved(value, environ) for value in options]
    return options
