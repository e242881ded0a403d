"""An answer as the rest of the connector sees it, and finding things in its JSON."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import httpx  # slow to import, and to check settings needs none

MOST_WORDS = 300
SAID = (
    "detail", "message", "error.message", "error.message.value", "error_description", "error", "title", "0.message",
)  # fmt: skip
DECODER = msgspec.json.Decoder(float_hook=Decimal)


class Answer(msgspec.Struct, frozen=True):
    """A server's answer to `url`; `body` is its JSON, its text when it is no JSON, None when it is empty."""

    status: int
    headers: Mapping[str, str]
    body: Any
    links: Mapping[str, str]
    url: str = ""

    def header(self, name: str) -> str:
        """Return a header's value, "" when it is absent."""
        return self.headers.get(name.lower(), "")


def answer(response: "httpx.Response") -> Answer:
    """Return the answer of a response that was read."""
    links = {name: str(link.get("url", "")) for name, link in response.links.items() if name}
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, headers, _body(response), links, str(response.url))


def _body(response: "httpx.Response") -> Any:  # noqa: ANN401  (JSON)
    if not response.content:
        return None
    try:
        return DECODER.decode(response.content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return response.text


def dig(value: Any, path: str) -> Any:  # noqa: ANN401  (JSON)
    """Return what stands at a path, None when nothing does; "" is the value itself."""
    if not path:
        return value
    parts = _pointer(path) if path.startswith("/") else path.split(".")
    for part in parts:
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def _pointer(path: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in path[1:].split("/")]


def words(answer: Answer) -> str:
    """Return what the server says of an error, where servers usually say it (RFC 9457 and its precursors)."""
    for path in SAID:
        found = dig(answer.body, path)
        if isinstance(found, str) and found:
            return found[:MOST_WORDS]
    return answer.body[:MOST_WORDS].strip() if isinstance(answer.body, str) else ""


def put(value: Any, path: str, leaf: object) -> Any:  # noqa: ANN401  (JSON)
    """Return a copy of a JSON value with `leaf` at a path, whose objects are made where there are none."""
    parts = _pointer(path) if path.startswith("/") else path.split(".")
    return _put(value, parts, leaf)


def _put(value: Any, parts: list[str], leaf: object) -> Any:  # noqa: ANN401  (JSON)
    if not parts:
        return leaf
    name, rest = parts[0], parts[1:]
    if isinstance(value, list | tuple) and name.isdecimal() and int(name) < len(value):
        return [_put(each, rest, leaf) if at == int(name) else each for at, each in enumerate(value)]
    known = value if isinstance(value, Mapping) else {}
    return {**known, name: _put(known.get(name), rest, leaf)}
