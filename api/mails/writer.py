"""From what is to be told to a mail in its reader's language."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import jinja2

from api.speech.catalogue import preferred
from api.words import Words
from approvals.drafting.text import invisible
from approvals.request import Letter, Request
from approvals.structs import Person

_LONGEST = 120
Names: TypeAlias = Callable[[Sequence[str]], Mapping[str, str]]
"""What people call subjects."""


class Mails:
    """Writes every mail that the product itself sends."""

    def __init__(
        self,
        company: str,
        timezone: str,
        language: str,
        names: Names | None = None,
        called: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self._company, self._called = company, called
        self._timezone = timezone
        self._language = language
        self._names = names
        self._pages = jinja2.Environment(
            loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=jinja2.select_autoescape(["html"]),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def words(self, person: Person, names: Mapping[str, str] | None = None) -> Words:
        """Return words in the person's language, else the company's."""
        return Words(self._timezone, names, preferred(person.language, self._language), self._called)

    def request(self, person: Person, requests: Sequence[Request], url: str) -> Letter:
        """Ask a person for a word on all that waits for it on one account."""
        words = self.words(person, self._names([each.action.key.subject for each in requests]) if self._names else None)
        say, first = words.say, requests[0]
        told = _plain(
            words.because(first.action.operation, first.action.because) or words.operation(first.action.operation)
        )
        subject = {
            "reminded": say("Reminder: your word is needed: {what}", what=told),
            "escalated": say("Nobody has answered: your word is needed: {what}", what=told),
        }.get(first.word, say("Your word is needed: {what}", what=told))
        items = [_item(each, words, url) for each in requests]
        more = f" {say('and {count} more', count=len(requests) - 1)}" if len(requests) > 1 else ""
        subject = f"{subject[: _LONGEST - len(more)]}{more}"
        return self._letter("request", words, subject, person=person.name or person.id, items=items, url=url)

    def letter(self, name: str, person: Person, subject: str, words: Words, **context: object) -> Letter:
        """Write any other mail from its templates."""
        return self._letter(name, words, subject[:_LONGEST], person=person.name or person.id, **context)

    def _letter(self, name: str, words: Words, subject: str, **context: object) -> Letter:
        given = {
            "_": words.say,
            "words": words,
            "company": self._company,
            "subject": subject,
            "label": words.label,
            **context,
        }
        text = self._pages.get_template(f"{name}.txt").render(given, lang=words.say.language)
        html = self._pages.get_template(f"{name}.html").render(given, lang=words.say.language)
        return Letter(subject=_plain(subject), text=text.strip() + "\n", html=html)


def _item(request: Request, words: Words, url: str) -> dict[str, object]:
    """Return one action as the mail shows it; customer text is shown without what nobody can see."""
    action, link = request.action, request.link
    body = action.draft.text if action.draft else ""
    rows = [(words.label(name), _plain(words.value(value))) for name, value in action.payload.items() if value != body]
    return {
        "does": words.operation(action.operation),
        "subject": words.subject(action.key.subject),
        "because": _plain(words.because(action.operation, action.because)),
        "consequence": action.consequence,
        "rows": rows,
        "body": "\n".join(_plain(line) for line in body.splitlines()),
        "expires": words.moment(action.expires_at) if action.expires_at else "",
        "link": f"{url}/decide/{link.token}" if link else f"{url}/actions/{action.id}",
        "code": link.code if link else "",
        "signed": link is None,
    }


def _plain(text: str) -> str:
    hidden = set(invisible(text))
    return " ".join("".join(char for char in text if char not in hidden).split())
