"""Anthropic's messages API (platform.claude.com/docs/en/api/messages)."""

from collections.abc import Mapping

import msgspec
from anthropic import AnthropicError, AsyncAnthropic, omit
from anthropic.types import OutputConfigParam

from connectors.llm.asked import Asked, Ended, Said
from connectors.llm.lowering import for_anthropic
from connectors.llm.provider import Provider
from engine.ports import Ask

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


class AnthropicModel(Asked):
    """`engine.ports.Model` over Anthropic's SDK."""

    faults = (AnthropicError,)

    def __init__(self, name: str, provider: Provider) -> None:
        super().__init__(name, provider)
        self._client = AsyncAnthropic(
            api_key=provider.api_key or "none",
            base_url=provider.base_url or OWN_ADDRESS,
            timeout=self.timeout,
            max_retries=0,
        )

    async def aclose(self) -> None:
        """Close connections."""
        await self._client.close()

    async def _said(self, ask: Ask) -> Said:
        form: OutputConfigParam = {"format": {"type": "json_schema", "schema": for_anthropic(ask.schema)}}
        answered = await self._client.messages.with_raw_response.create(
            model=self.provider.model,
            max_tokens=self.provider.max_tokens,
            system=ask.instructions,
            messages=[{"role": "user", "content": ask.question}],
            output_config=form if self.provider.schema else omit,
        )
        found = msgspec.json.decode(await answered.read(), type=Message)
        ended: Mapping[str | None, Ended] = {"end_turn": "whole", "refusal": "refused"}
        how = ended.get(found.stop_reason, "cut")
        return Said(
            text="".join(block.text for block in found.content if block.type == "text"),
            ended=how, why=str(found.stop_reason) if how == "cut" else "", model=found.model,
            tokens_in=found.usage.input_tokens, tokens_out=found.usage.output_tokens,
        )  # fmt: skip
