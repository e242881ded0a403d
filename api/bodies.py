"""Request bodies: size, depth, type and JSON, each refused with the status that names it."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

import msgspec
from litestar import Request

from api.problems import Faulty

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 64
T = TypeVar("T")


def media_type(request: Request[Any, Any, Any]) -> str:
    """Return the content type without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read(request: Request[Any, Any, Any], type: type[T]) -> T:
    """Decode a JSON body; raises Faulty 415 (not JSON), 400 (no JSON) or 422 (not this shape)."""
    if media_type(request) != "application/json":
        raise Faulty(415, "unsupported-media-type", "Send application/json.")
    return decode(await request.body(), type)


def decode(raw: bytes, type: type[T]) -> T:
    """Decode JSON with exact decimals; raises Faulty 400 or 422."""
    if depth(raw) > MAX_DEPTH:
        raise Faulty(400, "too-deep", f"The JSON is nested deeper than {MAX_DEPTH} levels.")
    try:
        return msgspec.json.Decoder(type, float_hook=_decimal).decode(raw)
    except msgspec.ValidationError as error:
        raise Faulty(422, "invalid-request", str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, InvalidOperation, RecursionError, ValueError) as error:
        raise Faulty(400, "bad-json", f"The body is not JSON: {error}") from error


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if abs(number.adjusted()) > 6144:
        raise msgspec.DecodeError(f"{text[:20]} is out of range")
    return number


def depth(raw: bytes) -> int:
    """Return how deep brackets nest outside strings."""
    deepest = level = 0
    for byte in _TEXT.sub(b"", raw).translate(None, delete=_OTHER):
        level += 1 if byte in b"[{" else -1
        deepest = max(deepest, level)
    return deepest


_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_OTHER = bytes(byte for byte in range(256) if byte not in b"[]{}")
