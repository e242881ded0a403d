"""Drafting by any server that speaks OpenAI's chat completions (platform.openai.com/docs/api-reference/chat)."""

import asyncio
from typing import Annotated

import msgspec
from openai import AsyncOpenAI, OpenAIError, omit
from openai.types.shared_params import ResponseFormatJSONSchema

from connectors.llm.provider import Provider
from connectors.llm.words import SCHEMA, draft, instructions, question
from engine.ports import DraftRequest, DraftText, SourceDown

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


class OpenAIDrafter:
    """One model behind one address; asks once, for the route decides who is asked next."""

    def __init__(self, name: str, provider: Provider) -> None:
        self.name = name
        self._provider = provider
        self._timeout = provider.timeout.total_seconds()
        self._client = AsyncOpenAI(
            api_key=provider.api_key or "none",
            base_url=provider.base_url or OWN_ADDRESS,
            timeout=self._timeout,
            max_retries=0,
        )

    async def write(self, request: DraftRequest) -> DraftText:
        """Return words with open slots; raises SourceDown for silence, refusal, a cut answer or another form."""
        try:
            async with asyncio.timeout(self._timeout):
                found = msgspec.json.decode(await self._ask(request), type=Completion)
        except TimeoutError as error:
            raise SourceDown(f"{self.name} gave no answer within {self._timeout:g} s") from error
        except (OpenAIError, msgspec.DecodeError) as error:
            raise SourceDown(f"{self.name}: {error}") from error
        usage = found.usage or Usage()
        return draft(
            self.name,
            self._text(found),
            model=found.model or self._provider.model,
            tokens_in=usage.prompt_tokens,
            tokens_out=usage.completion_tokens,
        )

    async def aclose(self) -> None:
        """Close connections."""
        await self._client.close()

    async def _ask(self, request: DraftRequest) -> bytes:
        form: ResponseFormatJSONSchema = {
            "type": "json_schema",
            "json_schema": {"name": "message", "schema": SCHEMA, "strict": True},
        }
        answered = await self._client.chat.completions.with_raw_response.create(
            model=self._provider.model,
            messages=[
                {"role": "system", "content": instructions(request)},
                {"role": "user", "content": question(request)},
            ],
            response_format=form if self._provider.schema else omit,
            max_completion_tokens=self._provider.max_tokens,
        )
        return answered.content

    def _text(self, found: Completion) -> str:
        choice = found.choices[0]
        if choice.message.refusal or choice.finish_reason == "content_filter":
            raise SourceDown(f"{self.name} refused: {choice.message.refusal or 'content filter'}")
        if choice.finish_reason == "length":
            raise SourceDown(f"{self.name} was cut off after {self._provider.max_tokens} tokens")
        return choice.message.content or ""
