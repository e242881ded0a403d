"""Drafting by Anthropic's messages API (platform.claude.com/docs/en/api/messages)."""

import asyncio

import msgspec
from anthropic import AnthropicError, AsyncAnthropic, omit
from anthropic.types import OutputConfigParam

from connectors.llm.provider import Provider
from connectors.llm.words import SCHEMA, draft, instructions, question
from engine.ports import DraftRequest, DraftText, SourceDown

OWN_ADDRESS = "https://api.anthropic.com"


class Block(msgspec.Struct, frozen=True):
    """One part of an answer."""

    type: str
    text: str = ""


class Usage(msgspec.Struct, frozen=True):
    """What it cost."""

    input_tokens: int = 0
    output_tokens: int = 0


class Message(msgspec.Struct, frozen=True):
    """The part of a message that is used; the SDK itself checks nothing of an answer."""

    content: tuple[Block, ...]
    stop_reason: str | None = None
    model: str = ""
    usage: Usage = Usage()


class AnthropicDrafter:
    """One model behind one address; asks once, for the route decides who is asked next."""

    def __init__(self, name: str, provider: Provider) -> None:
        self.name = name
        self._provider = provider
        self._timeout = provider.timeout.total_seconds()
        self._client = AsyncAnthropic(
            api_key=provider.api_key or "none",
            base_url=provider.base_url or OWN_ADDRESS,
            timeout=self._timeout,
            max_retries=0,
        )

    async def write(self, request: DraftRequest) -> DraftText:
        """Return words with open slots; raises SourceDown for silence, refusal, a cut answer or another form."""
        try:
            async with asyncio.timeout(self._timeout):
                found = msgspec.json.decode(await self._ask(request), type=Message)
        except TimeoutError as error:
            raise SourceDown(f"{self.name} gave no answer within {self._timeout:g} s") from error
        except (AnthropicError, msgspec.DecodeError) as error:
            raise SourceDown(f"{self.name}: {error}") from error
        return draft(
            self.name,
            self._text(found),
            model=found.model or self._provider.model,
            tokens_in=found.usage.input_tokens,
            tokens_out=found.usage.output_tokens,
        )

    async def aclose(self) -> None:
        """Close connections."""
        await self._client.close()

    async def _ask(self, request: DraftRequest) -> bytes:
        form: OutputConfigParam = {"format": {"type": "json_schema", "schema": SCHEMA}}
        answered = await self._client.messages.with_raw_response.create(
            model=self._provider.model,
            max_tokens=self._provider.max_tokens,
            system=instructions(request),
            messages=[{"role": "user", "content": question(request)}],
            output_config=form if self._provider.schema else omit,
        )
        return await answered.read()

    def _text(self, found: Message) -> str:
        if found.stop_reason == "refusal":
            raise SourceDown(f"{self.name} refused")
        if found.stop_reason != "end_turn":
            raise SourceDown(f"{self.name} was cut off: {found.stop_reason}")
        return "".join(block.text for block in found.content if block.type == "text")
