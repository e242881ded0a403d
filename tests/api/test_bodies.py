from decimal import Decimal
from typing import Any

import pytest

from api.bodies import MAX_DEPTH, decode, depth
from api.problems import Faulty


def test_depth_counts_brackets_outside_strings():
    assert depth(b'{"a": [1, "[[[[", {"b": "\\"["}]}') == 3
    assert depth(rb'["\\"]') == 1


def test_decimals_come_in_exactly():
    assert decode(b'{"a": 0.10}', Any) == {"a": Decimal("0.10")}


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"nul", b'"\xff"', b'{"a": 1e999999}', b"NaN", b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1)]
)
def test_what_is_no_json_is_400(raw):
    with pytest.raises(Faulty) as caught:
        decode(raw, Any)
    assert caught.value.status == 400


def test_json_of_another_shape_is_422():
    with pytest.raises(Faulty) as caught:
        decode(b"[]", dict[str, Any])
    assert caught.value.status == 422
