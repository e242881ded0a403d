"""One mail over SMTP, and what its failure at each step means: only a cut after DATA leaves it uncertain."""

from collections.abc import Sequence
from email.message import EmailMessage

from aiosmtplib import SMTP, SMTPException, SMTPResponseException, SMTPServerDisconnected, SMTPTimeoutError

from connectors.mail.settings import Smtp
from engine.events import Receipt

RETRY_AFTER = 300.0
"""Seconds; a server that says 4xx (greylisting, full) wants minutes (RFC 5321, 4.5.4.1)."""


async def send(message: EmailMessage, recipients: Sequence[str], smtp: Smtp, timeout: float) -> Receipt:
    """Deliver to all recipients or, when one of them is refused, to none."""
    client = SMTP(
        hostname=smtp.host,
        port=smtp.port,
        username=smtp.user or None,
        password=smtp.password or None,
        use_tls=smtp.tls == "tls",
        start_tls=smtp.tls == "starttls",
        timeout=timeout,
    )
    try:
        await client.connect()
    except (SMTPException, OSError) as error:
        client.close()
        return Receipt(result="unavailable", detail=words(error))
    try:
        return await _transfer(client, message, recipients, smtp.sender)
    finally:
        await _leave(client)


async def _transfer(client: SMTP, message: EmailMessage, recipients: Sequence[str], sender: str) -> Receipt:
    try:
        await client.mail(sender)
        for recipient in recipients:
            await client.rcpt(recipient)
    except SMTPResponseException as error:
        return _refused(error)
    except (SMTPException, OSError) as error:
        return Receipt(result="unavailable", detail=words(error))
    try:
        await client.data(message.as_bytes())
    except SMTPResponseException as error:
        return _refused(error)
    except (SMTPException, OSError) as error:
        return Receipt(result="uncertain", detail=words(error))
    return Receipt(result="ok", reference=str(message["Message-ID"]).strip("<>"))


def _refused(error: SMTPResponseException) -> Receipt:
    """Take the server's answer: 4xx is for now, 5xx for ever (RFC 5321, 4.2.1)."""
    if 400 <= error.code < 500:
        return Receipt(result="throttled", detail=words(error), retry_after=RETRY_AFTER)
    return Receipt(result="rejected", detail=words(error))


def words(error: Exception) -> str:
    """Return the server's own words."""
    if isinstance(error, SMTPResponseException):
        return f"{error.code} {error.message}"
    return str(error) or type(error).__name__


async def _leave(client: SMTP) -> None:
    """Say goodbye; the result stands whether or not the server hears it."""
    try:
        await client.quit(timeout=2)
    except (SMTPServerDisconnected, SMTPTimeoutError, SMTPResponseException, OSError):
        client.close()
