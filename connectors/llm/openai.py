"""Any server that speaks OpenAI's chat completions (platform.openai.com/docs/api-reference/chat)."""

from typing import Annotated

import msgspec
from openai import AsyncOpenAI, OpenAIError, omit
from openai.types.shared_params import ResponseFormatJSONSchema

from connectors.llm.asked import Asked, Ended, Said
from connectors.llm.lowering import for_openai
from connectors.llm.provider import Provider
from engine.ports import Ask

OWN_ADDRESS = "https://api.openai.com/v1"


class Message(msgspec.Struct, frozen=True):
    """What the model said, or why it would not."""

    content: str | None = None
    refusal: str | None = None


class Choice(msgspec.Struct, frozen=True):
    """One answer and why it ended."""

    message: Message
    finish_reason: str | None = None


class Usage(msgspec.Struct, frozen=True):
    """What it cost."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


class Completion(msgspec.Struct, frozen=True):
    """The part of a chat completion that is used; the SDK itself checks nothing of an answer."""

    choices: Annotated[tuple[Choice, ...], msgspec.Meta(min_length=1)]
    model: str = ""
    usage: Usage | None = None


class OpenAIModel(Asked):
    """`engine.ports.Model` over OpenAI's SDK."""

    faults = (OpenAIError,)

    def __init__(self, name: str, provider: Provider) -> None:
        super().__init__(name, provider)
        self._client = AsyncOpenAI(
            api_key=provider.api_key or "none",
            base_url=provider.base_url or OWN_ADDRESS,
            timeout=self.timeout,
            max_retries=0,
        )

    async def aclose(self) -> None:
        """Close connections."""
        await self._client.close()

    async def _said(self, ask: Ask) -> Said:
        form: ResponseFormatJSONSchema = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": for_openai(ask.schema), "strict": True},
        }
        answered = await self._client.chat.completions.with_raw_response.create(
            model=self.provider.model,
            messages=[
                {"role": "system", "content": ask.instructions},
                {"role": "user", "content": ask.question},
            ],
            response_format=form if self.provider.schema else omit,
            max_completion_tokens=self.provider.max_tokens,
        )
        found = msgspec.json.decode(answered.content, type=Completion)
        choice, usage = found.choices[0], found.usage or Usage()
        ended, why = self._ended(choice)
        return Said(
            text=choice.message.content or "", ended=ended, why=why, model=found.model,
            tokens_in=usage.prompt_tokens, tokens_out=usage.completion_tokens,
        )  # fmt: skip

    def _ended(self, choice: Choice) -> tuple[Ended, str]:
        if choice.message.refusal or choice.finish_reason == "content_filter":
            return "refused", choice.message.refusal or "content filter"
        if choice.finish_reason == "length":
            return "cut", f"after {self.provider.max_tokens} tokens"
        return "whole", ""
