"""Functions that expressions may call besides FEEL's own."""

from collections.abc import Mapping
from typing import Any

from engine.feel import HostFunction


def host_functions(settings: Any) -> Mapping[str, HostFunction]:  # noqa: ANN401  (a settings struct of the rulebook)
    """Return the host functions for a company's settings."""
    del settings
    return {}
