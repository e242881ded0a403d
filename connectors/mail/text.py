"""The words of a mail: from HTML where there is nothing else, and cut where quoted history begins."""

import re
from html.parser import HTMLParser

QUOTED = re.compile(
    r"""
    ^\s*(?:
        >                                                                       # a quoted line
      | -{3,}\s*(?:Original\ Message|Forwarded\ message|Ursprüngliche\ Nachricht|Özgün\ İleti|Orijinal\ Mesaj)
      | (?=[^\n]*\d)(?:On|Am|Le)\b(?:[^\n]|\n(?!\n)){6,160}?\b(?:wrote|schrieb\b[^\n]{0,120}|a\ écrit)\s?:\s*$
      | (?=[^\n]*\d)[^\n]{4,160}\btarihinde\b(?:[^\n]|\n(?!\n)){0,160}?\byazd\u0131:\s*$
      | (?:From|Von|De|Kimden|Gönderen):\ .+\n\s*(?:Sent|Date|Gesendet|Datum|Envoyé|Tarih|Gönderildi|Gönderme\ Tarihi):
    )
    """,
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
BLOCKS = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "blockquote", "table"})
SILENT = frozenset({"script", "style", "head", "title"})


def split_quoted(text: str) -> tuple[str, str]:
    """Return what is new and the quoted history below it; an answer written between quoted lines counts as new."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for found in QUOTED.finditer(text):
        rest = text[found.start() :]
        if not rest.lstrip().startswith(">") or _only_quoted(rest):
            return text[: found.start()].strip(), rest.strip()
    own = [line for line in text.split("\n") if not line.lstrip().startswith(">")]
    return "\n".join(own).strip(), ""


def _only_quoted(text: str) -> bool:
    return all(not line.strip() or line.lstrip().startswith(">") for line in text.split("\n"))


def from_html(html: str) -> str:
    """Return the text that a reader of the HTML sees, a line for each block."""
    parser = _Text()
    parser.feed(html)
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.parts).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  (the base's signature)
        self._silent += tag in SILENT
        if tag in BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT and self._silent:
            self._silent -= 1
        if tag in BLOCKS and tag != "br":
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data.replace("\n", " "))
