"""What sources answer after the customer's page was sent, told as server-sent events."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
from litestar import Request, get
from litestar.params import FromPath, FromQuery
from litestar.response import ServerSentEvent, ServerSentEventMessage
from markupsafe import Markup

from api.served import layer_of
from api.views import SourcePart
from api.web.pages import speech
from api.words import Words

PAGE_BUDGET = 0.4
"""Seconds that the page waits for the sources; who takes longer is put in when it answers."""


@get("/late/{id:path}", role="viewer")
async def late(request: Request[Any, Any, Any], id: FromPath[str], sources: FromQuery[str] = "") -> ServerSentEvent:
    """Tell what each of these sources says of a customer, as it answers."""
    layer, words = layer_of(request), speech(request)
    named = [each for each in sources.split(",") if each][:50]

    async def parts() -> AsyncIterator[ServerSentEventMessage]:
        if named:
            async for each in layer.customer_parts(id.removeprefix("/"), named):
                told = {"source": each.source, "html": str(line(each, words))}
                yield ServerSentEventMessage(data=msgspec.json.encode(told).decode(), event="part")
        yield ServerSentEventMessage(data="", event="end")

    return ServerSentEvent(parts())


def line(part: SourcePart, words: Words) -> Markup:
    """Return what a source says of itself on the customer's page."""
    tone = {"fresh": "good", "stale": "warn", "down": "bad"}.get(part.state, "")
    said = {"fresh": words.say("fresh"), "stale": words.say("stale"), "down": words.say("down")}
    chip = Markup('<span class="chip {}">{}</span>').format(tone, said.get(part.state, words.say("never read")))
    return Markup('{} {} <span class="muted">{}</span>').format(part.source, chip, note(part, words))


def note(part: SourcePart, words: Words) -> str:
    """Return how the source answered, and how old what is shown may be."""
    if part.live == "late":
        return words.say("has not answered yet")
    if part.live == "failed":
        return words.told(part.detail) or words.say("could not answer")
    if part.live == "read":
        return words.say.many("{count} record, read just now", "{count} records, read just now", len(part.records))
    return words.told(part.detail) or (words.say("{age} ago", age=words.age(part.age)) if part.age is not None else "")
