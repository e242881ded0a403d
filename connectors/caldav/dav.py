"""The XML of WebDAV (RFC 4918), of its sync reports (RFC 6578) and of CalDAV (RFC 4791): asked and answered."""

from collections.abc import Iterable, Iterator
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

import msgspec
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from engine.ports import SourceDown

D = "{DAV:}"
C = "{urn:ietf:params:xml:ns:caldav}"
HEAD = '<?xml version="1.0" encoding="utf-8"?>'
SPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
TRUNCATED = 507


class Resource(msgspec.Struct, frozen=True):
    """One member of an answer; `status` 404 says that it is gone."""

    path: str
    status: int = 200
    etag: str = ""
    text: str = ""
    name: str = ""
    calendar: bool = False


class Listing(msgspec.Struct, frozen=True):
    """A multistatus answer; `token` is the collection's new state, `more` that there is more to ask for."""

    members: tuple[Resource, ...]
    token: str = ""
    more: bool = False


def sync(token: str) -> bytes:
    """Return the question for what changed since a token, "" for everything."""
    return (
        f"{HEAD}<D:sync-collection {SPACES}><D:sync-token>{escape(token)}</D:sync-token><D:sync-level>1</D:sync-level>"
        "<D:prop><D:getetag/></D:prop></D:sync-collection>"
    ).encode()


def multiget(paths: Iterable[str]) -> bytes:
    """Return the question for the content of some members."""
    names = "".join(f"<D:href>{escape(each)}</D:href>" for each in paths)
    return (
        f"{HEAD}<C:calendar-multiget {SPACES}><D:prop><D:getetag/><C:calendar-data/></D:prop>{names}"
        "</C:calendar-multiget>"
    ).encode()


def calendars() -> bytes:
    """Return the question for what collections there are."""
    return f"{HEAD}<D:propfind {SPACES}><D:prop><D:resourcetype/><D:displayname/></D:prop></D:propfind>".encode()


def listing(text: object, collection: str) -> Listing:
    """Read a multistatus answer about a collection; raises SourceDown."""
    try:
        root = fromstring(str(text), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise SourceDown(f"the answer is no multistatus: {error}") from error
    if root.tag != f"{D}multistatus":
        raise SourceDown(f"the answer is no multistatus but {root.tag}")
    members = tuple(_members(root))
    own = _plain(collection)
    more = any(_plain(each.path).endswith(own) and each.status == TRUNCATED for each in members)
    return Listing(members, root.findtext(f"{D}sync-token", ""), more)


def name_of(path: str) -> str:
    """Return the name of a member: the last part of its path, without `.ics`."""
    return unquote(urlsplit(path).path.rstrip("/").rpartition("/")[2]).removesuffix(".ics")


def _members(root: Element) -> Iterator[Resource]:
    for each in root.findall(f"{D}response"):
        path = (each.findtext(f"{D}href") or "").strip()
        status = _status(each.findtext(f"{D}status"))
        found = next(
            (part for part in each.findall(f"{D}propstat") if _status(part.findtext(f"{D}status")) < 300), None
        )
        prop = found.find(f"{D}prop") if found is not None else None
        if prop is None:
            yield Resource(path, status if each.find(f"{D}status") is not None else 404)
            continue
        yield Resource(
            path,
            200,
            prop.findtext(f"{D}getetag") or "",
            prop.findtext(f"{C}calendar-data") or "",
            prop.findtext(f"{D}displayname") or "",
            prop.find(f"{D}resourcetype/{C}calendar") is not None,
        )


def _status(line: str | None) -> int:
    """Return the number of a line like `HTTP/1.1 404 Not Found`."""
    parts = (line or "").split()
    return int(parts[1]) if len(parts) > 1 and parts[1].isdecimal() else 200


def _plain(path: str) -> str:
    return unquote(urlsplit(path).path).strip("/")
