"""The SMTP side of the mail server: each accepted mail is in a Maildir before it is acknowledged."""

import asyncio
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from api.demo.mailbox import COMPANY, DELIVERED_AT, DOMAIN, Maildir


class Delivery:
    """Sorts mail into boxes: customers', the staff's, and the company's own inbox; refuses some recipients."""

    def __init__(self, out: Path, now: Callable[[], str], refused: frozenset[str]) -> None:
        self._boxes = {name: Maildir(out / "mail" / name) for name in ("customers", "staff", "inbox")}
        self._now = now
        self._refused = refused
        self._numbers = count(1)

    async def handle_RCPT(  # noqa: N802  (the name that aiosmtpd calls)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Accept a recipient, or say that there is no such mailbox."""
        if address.lower() in self._refused:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802  (the name that aiosmtpd calls)
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Put one copy into each recipient's box."""
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        for address in envelope.rcpt_tos:
            stamp = f"Delivered-To: {address}\r\n{DELIVERED_AT}: {self._now()}\r\n".encode()
            name = f"{time.time_ns()}.{next(self._numbers):06}.mail"
            self._boxes[_box(address)].deliver(name, stamp + content)
        return "250 2.0.0 kept"


async def listen(delivery: Delivery, host: str) -> tuple[asyncio.Server, int]:
    """Serve SMTP on a free port and return the server with its port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(delivery, hostname=DOMAIN, ident="mail of the sample company", loop=loop), host, 0
    )
    return server, int(server.sockets[0].getsockname()[1])


def _box(address: str) -> str:
    if address.lower() == COMPANY:
        return "inbox"
    return "staff" if address.lower().endswith(f"@{DOMAIN}") else "customers"
