"""Which model really answered: the name that a provider's answer gives, whatever the configuration calls it."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Final

import msgspec

from engine.ports import Transaction

_SETTING: Final = "observed:"

Told = Callable[[str, str, str], None]
"""Told the route, the provider and the model of an answer."""


async def remember(tx: Transaction, route: str, provider: str, model: str) -> None:
    """Keep the model that answered last; the journal's entry of the call tells when."""
    known = _read(await tx.setting(_SETTING + route))
    if model and known.get(provider) != model:
        await tx.set_setting(_SETTING + route, msgspec.json.encode(known | {provider: model}).decode())


async def recall(setting: Callable[[str], Awaitable[str | None]], routes: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return by route and provider the model that answered last."""
    return {route: _read(await setting(_SETTING + route)) for route in routes}


def _read(text: str | None) -> dict[str, str]:
    return msgspec.json.decode(text, type=dict[str, str]) if text else {}
