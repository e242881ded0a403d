"""Bytes to numbered lines of text, each with the offset behind it."""

import codecs
from collections.abc import Iterator
from typing import NamedTuple

WIDE = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class Line(NamedTuple):
    """One physical line; `ended` unless the newline is still missing, `guessed` when it was no UTF-8."""

    number: int
    end: int
    text: str
    ended: bool
    guessed: bool


class Undecodable(Exception):
    """The declared encoding does not fit the bytes."""


def narrow(data: bytes, encoding: str) -> tuple[bytes, str]:
    """Return bytes in which a newline is one byte, with their encoding; UTF-16 becomes UTF-8."""
    wide = encoding or WIDE.get(data[:2], "")
    if not wide.lower().replace("_", "-").startswith(("utf-16", "utf-32")):
        return data, encoding
    try:
        return data.decode(wide).encode(), "utf-8"
    except UnicodeDecodeError as error:
        raise Undecodable(f"not {wide}: {error.reason} at byte {error.start}") from error


def lines(data: bytes, encoding: str, *, offset: int = 0, number: int = 0) -> Iterator[Line]:
    """Yield the lines from `offset`, the first of which is number `number` + 1."""
    while offset < len(data):
        newline = data.find(b"\n", offset)
        end = newline + 1 if newline >= 0 else len(data)
        raw = data[offset:end].removesuffix(b"\n").removesuffix(b"\r")
        number += 1
        text, guessed = _decode(raw.removeprefix(codecs.BOM_UTF8) if offset == 0 else raw, encoding)
        yield Line(number, end, text, newline >= 0, guessed)
        offset = end


def _decode(raw: bytes, encoding: str) -> tuple[str, bool]:
    if encoding:
        return raw.decode(encoding, errors="replace"), False
    try:
        return raw.decode(), False
    except UnicodeDecodeError:
        return raw.decode("latin-1"), True
