"""Opening what a home folder points at outside: source systems and language models."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from api.variables import given, stand_in, unset
from connectors import registry
from connectors.hooks.receiver import Receiver
from connectors.llm import Provider, open_model
from connectors.settings import Surroundings
from engine.ports import Answer, Ask, Clock, Connector, Model, ModelFailed, Operation
from engine.rules import Home
from engine.settings import models
from engine.settings.values import resolve, resolved
from engine.source.problem import ConfigError


def open_sources(folder: Path, home: Home, clock: Clock) -> tuple[dict[str, Connector], dict[str, str]]:
    """Open every source; one whose settings lack a variable is down with that reason, and the others run."""
    opened: dict[str, Connector] = {}
    down: dict[str, str] = {}
    surroundings = Surroundings(home=folder, clock=clock, zone=ZoneInfo(home.app.timezone))
    for name, source in home.sources.sources.items():
        try:
            stated = _for_work(source.options)
            opened[name] = registry.open_connector(name, given(resolved(stated, os.environ)), surroundings)
        except ConfigError as error:
            missing = sorted(unset(_for_work(source.options)))
            reason = "; ".join(problem.message for problem in error.problems)
            down[name] = f"{', '.join(missing)} not set" if missing else reason
    return opened, down


class Closed(msgspec.Struct, frozen=True):
    """A webhook that cannot be answered for, and why."""

    why: str


def open_receivers(folder: Path, home: Home, clock: Clock) -> dict[str, Receiver | Closed]:
    """Open every source's webhook; one whose secret is not set is closed with that reason, its source goes on."""
    surroundings = Surroundings(home=folder, clock=clock, zone=ZoneInfo(home.app.timezone))
    found: dict[str, Receiver | Closed] = {}
    for name, source in home.sources.sources.items():
        section = source.options.get(registry.HOOK)
        if section is None:
            continue
        if missing := sorted(unset(section)):
            found[name] = Closed(f"{', '.join(missing)} not set")
            continue
        stated = given(stand_in(source.options)) | {registry.HOOK: resolved(section, os.environ)}
        try:
            if (opened := registry.open_receiver(name, stated, surroundings)) is not None:
                found[name] = opened
        except ConfigError as error:
            found[name] = Closed("; ".join(problem.message for problem in error.problems))
    return found


def operations_of(connectors: Mapping[str, Connector]) -> dict[str, Operation]:
    """Return what may be written, by `source.operation`."""
    return {
        f"{source}.{name}": operation
        for source, connector in connectors.items()
        for name, operation in connector.operations.items()
    }


def open_models(home: Home) -> dict[str, Model]:
    """Return the models that any route names; one that cannot be asked says why when it is."""
    named = {name for step in home.models.routes for name in home.models.route(step).providers}
    return {name: _model(name, spec) for name, spec in home.models.providers.items() if name in named}


def _model(name: str, provider: models.Provider) -> Model:
    settings: dict[str, Any] = {
        "kind": provider.kind,
        "model": resolve(provider.model, os.environ),
        "timeout": provider.timeout,
        "max_tokens": provider.max_tokens,
        "schema": "schema" in provider.can,
    }
    for key, value in (("base_url", provider.base_url), ("api_key", provider.api_key)):
        if value is not None:
            settings[key] = resolve(value, os.environ) or None
    if provider.base_url is not None and not settings["base_url"]:
        return _Unavailable(name, "its address is not set")
    try:
        return open_model(name, msgspec.convert(settings, Provider))
    except ImportError:
        return _Unavailable(name, f"install opslayer[{provider.kind}]")


class _Unavailable:
    """Stands for a model that cannot be asked; the next one in the route is, and at last the template."""

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        self._reason = reason

    async def ask(self, ask: Ask, seconds: float | None = None) -> Answer:
        del ask, seconds
        raise ModelFailed("down", f"{self.name}: {self._reason}")

    async def aclose(self) -> None:
        """Let go of nothing."""


def _for_work(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what reading and writing need: a webhook's secret that is not set keeps nobody from either."""
    hook = options.get(registry.HOOK)
    return {**options} if hook is None else {**options, registry.HOOK: stand_in(hook)}
