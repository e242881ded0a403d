"""The layer as it is for somebody whose roles are for some rulesets: what another one does is not there."""

from typing import cast

from api.facade import Layer
from api.limited.view import Limited
from api.views import Actor

__all__ = ["limited"]


def limited(layer: Layer, actor: Actor) -> Layer:
    """Return the layer as the actor may see it."""
    return cast("Layer", Limited(layer, actor)) if actor.rulesets else layer
