"""Settings that come from the environment: `{env: NAME, default: ...}` wherever a plain value may stand."""

from collections.abc import Mapping
from typing import Any, overload

import msgspec

from engine.source.problem import Place, Problem


class Env(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A value taken from the environment when the program starts; secrets are never written anywhere else."""

    title_in_messages = "environment value"

    env: str
    """The name of the environment variable."""
    default: str | int | bool | None = None
    """The value when the variable is not set."""
    place: Place = Place("")


Text = str | Env
Whole = int | Env
Switch = bool | Env


@overload
def resolve(setting: str | Env, environ: Mapping[str, str]) -> str: ...
@overload
def resolve(setting: int | Env, environ: Mapping[str, str]) -> int | str: ...
@overload
def resolve(setting: None, environ: Mapping[str, str]) -> None: ...
def resolve(setting: str | int | bool | Env | None, environ: Mapping[str, str]) -> str | int | bool | None:
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
            return environ.get(str(options["env"])) or options.get("default") or ""
        return {name: resolved(value, environ) for name, value in options.items()}
    if isinstance(options, list | tuple):
        return [resolved(value, environ) for value in options]
    return options


def unset(struct: msgspec.Struct, environ: Mapping[str, str]) -> list[Problem]:
    """Return a problem for each environment variable below `struct` that has neither value nor default."""
    found: list[Problem] = []
    for env in _envs(struct):
        if env.default is None and not environ.get(env.env):
            hint = f"set {env.env} before starting, or write a `default` beside it"
            found.append(Problem("unset-variable", f"the environment variable {env.env} is not set", env.place, hint))
    return found


def _envs(value: Any) -> list[Env]:  # noqa: ANN401  (any tree of settings)
    if isinstance(value, Env):
        return [value]
    if isinstance(value, msgspec.Struct):
        return [env for name in value.__struct_fields__ for env in _envs(getattr(value, name))]
    if isinstance(value, Mapping):
        return [env for each in value.values() for env in _envs(each)]
    if isinstance(value, list | tuple):
        return [env for each in value for env in _envs(each)]
    return []
