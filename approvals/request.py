"""The mail that asks a person for a word: what would be done, why, and a link for each action."""

from collections.abc import Callable, Sequence

import msgspec

from approvals.drafting.text import invisible
from approvals.links import Issued
from approvals.structs import Person
from engine.events import Action

_LONGEST_SUBJECT = 120


class Request(msgspec.Struct, frozen=True):
    """One action of a mail; without a link only a signed-in session decides it."""

    action: Action
    word: str
    link: Issued | None


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A mail to write: the same as text and as HTML, "" for none."""

    subject: str
    text: str
    html: str = ""


Writer = Callable[[Person, Sequence[Request], str], Letter]
"""Writes the mail that asks a person; the last is where the web page is reached."""


def letter(person: Person, requests: Sequence[Request], url: str) -> Letter:
    """Return a plain mail in English."""
    first = requests[0]
    more = f" and {len(requests) - 1} more" if len(requests) > 1 else ""
    again = {"reminded": "Reminder: ", "escalated": "Nobody has answered: "}.get(first.word, "")
    subject = f"{again}Your word is needed: {_plain(first.action.because or first.action.operation)}"
    parts = [f"{person.name or person.id},", *(_told(each, url) for each in requests)]
    closing = "Opening a link decides nothing. What nobody decides is never done."
    shortened = f"{subject[: _LONGEST_SUBJECT - len(more)]}{more}"
    return Letter(subject=shortened, text="\n\n".join((*parts, closing)))


def _told(request: Request, url: str) -> str:
    action, link = request.action, request.link
    lines = [f"{action.operation} for {action.key.subject}: {_plain(action.because)}"]
    lines += [f"  {name}: {_shown(value)}" for name, value in action.payload.items()]
    if link is None:
        lines.append(f"Sign in to decide: {url}/actions/{action.id}")
    else:
        lines.append(f"Approve or reject: {url}/decide/{link.token}")
    if link is not None and link.code:
        lines.append(f"The page asks for this code: {link.code}")
    return "\n".join(lines)


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text.replace("\n", "\n    ")


def _plain(text: str) -> str:
    hidden = set(invisible(text))
    return " ".join("".join(char for char in text if char not in hidden).split())
