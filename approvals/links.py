"""E-mail links: a random token for each request, approver and digest; looking never decides, deciding works once.

The row of a link is a journal entry filed under the token's SHA-256, so the token itself is kept nowhere. Any change
of the payload ends the link, since it names the digest that was shown. Mail scanners fetch pages and submit forms as
they find them: so a verdict must be chosen, and from medium consequence on the code printed in the mail typed in.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from approvals.inbox import Inbox
from approvals.policy import reaching
from approvals.results import BadVerdict, DecideResult, NotThisPerson
from approvals.structs import Person
from engine.events import Action, Consequence, Verdict
from engine.ports import Entry, Reader, Transaction
from engine.source.problem import Problem

LIFETIME = timedelta(days=3)
TRIES = 5
_USED, _TRIED = "link-used", "link-tried"
_CHOICES = ("approve", "reject")


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """What a link stands for; `code` is a hash, "" when none is asked."""

    action: str
    digest: str
    person: str
    consequence: Consequence
    expires_at: datetime
    code: str = ""


class Issued(msgspec.Struct, frozen=True):
    """What is mailed, once: the token of the address, and the code to print beside it ("" for none)."""

    token: str
    code: str


class Links:
    """Issues links, shows what they stand for, and lets them decide through the one inbox."""

    def __init__(self, inbox: Inbox, people: Mapping[str, Person], reader: Reader) -> None:
        self._inbox = inbox
        self._people = people
        self._reader = reader

    async def issue(self, tx: Transaction, action: Action, person: Person, at: datetime) -> Issued | None:
        """Make a link for one person and the action as it is; None when only a signed-in session may decide."""
        if action.consequence == "high" or action.state != "pending":
            return None
        token = secrets.token_urlsafe(32)
        code = f"{secrets.randbelow(10**6):06d}" if action.consequence == "medium" else ""
        ends = min(moment for moment in (at + LIFETIME, action.expires_at) if moment)
        body = {
            "link": True,
            "action": action.id,
            "digest": action.digest,
            "person": person.id,
            "consequence": action.consequence,
            "expires_at": ends.isoformat(),
            "code": _hash(token + code) if code else "",
        }
        about = (f"link:{_hash(token)}", f"action:{action.id}")
        await tx.append(Entry(kind="note", recorded_at=at, subjects=about, revision=action.revision, body=body))
        return Issued(token, code)

    async def look(self, token: str, at: datetime) -> Link | None:
        """Return what a token stands for, None when it is nobody's or has expired; changes nothing."""
        found = await self._reader.entries(subject=f"link:{_hash(token)}", kinds=("note",), limit=1)
        body = found[0].body if found else None
        link = None if body is None else _link(body)
        return link if link and link.expires_at > at else None

    async def decide(
        self, tx: Transaction, token: str, choice: str, at: datetime, *, code: str = "", reason: str = ""
    ) -> DecideResult:
        """Let the holder of a token approve or reject, once."""
        link = await self.look(token, at)
        person = self._people.get(link.person) if link else None
        if link is None or person is None:
            return NotThisPerson("this link is not valid any more")
        verdict = _chosen(choice)
        if verdict is None:
            return BadVerdict((Problem("no-choice", "choose approve or reject"),))
        refusal = await self._wrong_code(tx, token, link, code)
        if refusal:
            return await self._denied(tx, link, at, refusal)
        said = Verdict(
            action=link.action,
            verdict=verdict,
            digest=link.digest,
            by=person.id,
            channel="link",
            at=at,
            reason=reason,
        )
        if await tx.seen(_USED, _hash(token)):
            return await self._denied(tx, link, at, "this link was used")
        return await self._inbox.decide(tx, said, reaching(person))

    async def _wrong_code(self, tx: Transaction, token: str, link: Link, code: str) -> str:
        """Return why the code does not open the link; a link has five tries, right or wrong."""
        if not link.code:
            return ""
        hashed = _hash(token)
        for attempt in range(TRIES):
            if not await tx.seen(_TRIED, f"{hashed}:{attempt}"):
                right = hmac.compare_digest(_hash(token + code.strip()), link.code)
                return "" if right else "the code is not the one in the mail"
        return "too many wrong codes"

    async def _denied(self, tx: Transaction, link: Link, at: datetime, why: str) -> DecideResult:
        body: dict[str, Any] = {"action": link.action, "channel": "link", "why": "NotThisPerson", "reason": why}
        about = (f"action:{link.action}",)
        await tx.append(Entry(kind="denied", recorded_at=at, actor=link.person, subjects=about, body=body))
        return NotThisPerson(why)


def _chosen(choice: str) -> Literal["approve", "reject"] | None:
    return "approve" if choice == "approve" else "reject" if choice == "reject" else None


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _link(body: Mapping[str, Any]) -> Link | None:
    if not body.get("link"):
        return None
    known = {name: body[name] for name in Link.__struct_fields__}
    return msgspec.convert(known, Link)
