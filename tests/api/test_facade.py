"""What serves the facade has all its operations with the same parameters: the real layer, and the double of these tests."""

import inspect

import pytest

from api.facade import Layer
from api.layer import OpsLayer
from tests.api.double import DoubleLayer

OPERATIONS = [name for name, member in inspect.getmembers(Layer, inspect.isfunction) if not name.startswith("_")]


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_real_layer_answers_every_operation(name):
    asked, given = (inspect.signature(getattr(kind, name)).parameters for kind in (Layer, OpsLayer))
    assert list(asked) == list(given)


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_double_answers_every_operation(name):
    asked, given = (inspect.signature(getattr(kind, name)).parameters for kind in (Layer, DoubleLayer))
    assert list(asked) == list(given) or inspect.Parameter.VAR_KEYWORD in {each.kind for each in given.values()}
