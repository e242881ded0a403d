"""An answer read up to a bound: what a server sends, and what that unpacks to, never fills the memory."""

from typing import Final

import httpx

MOST_BYTES: Final = 64_000_000
"""Bytes of one answer once unpacked; a page of records has a small part of it."""
UNPACKED: Final = frozenset({"", "identity", "gzip", "deflate"})
"""One packing of these grows a thousandfold at most, so a part that came is never more than can be held."""
ACCEPTED: Final = "gzip, deflate"
_SPENT: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class TooMuch(httpx.DecodingError):
    """An answer has more than is read, or is packed as we did not ask for."""


async def send(client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
    """Send and read the answer; raises TooMuch, and what httpx raises. A redirection is an answer, never followed."""
    request.headers["Accept-Encoding"] = ACCEPTED
    response = await client.send(request, stream=True, follow_redirects=False)
    content = bytearray()
    try:
        packing = response.headers.get("content-encoding", "").strip().lower()
        if packing not in UNPACKED:
            raise TooMuch(f"the answer is packed as {packing!r}, which was not asked for", request=request)
        async for part in response.aiter_bytes():
            content += part
            if len(content) > MOST_BYTES:
                raise TooMuch(f"the answer has more than {MOST_BYTES:,} bytes", request=request)
    finally:
        await response.aclose()
    headers = [each for each in response.headers.multi_items() if each[0].lower() not in _SPENT]
    return httpx.Response(response.status_code, headers=headers, content=bytes(content), request=request)
