"""Google's generate-content API, Gemini or Vertex (ai.google.dev/api/generate-content)."""

import httpx
from google import genai
from google.genai import errors, types
from pydantic import ValidationError

from connectors.llm.asked import Asked, Ended, Said
from connectors.llm.lowering import for_google
from connectors.llm.provider import Provider
from engine.ports import Ask, ModelFailed

OWN_ADDRESS = "https://generativelanguage.googleapis.com"
_REFUSALS = frozenset({"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR"})


class GoogleModel(Asked):
    """`engine.ports.Model` over Google's SDK."""

    faults = (errors.APIError, httpx.HTTPError, ValidationError, ValueError)

    def __init__(self, name: str, provider: Provider) -> None:
        super().__init__(name, provider)
        self._http = httpx.AsyncClient(timeout=self.timeout)
        self._client = genai.Client(
            vertexai=False,
            api_key=provider.api_key or "none",
            http_options=types.HttpOptions(
                base_url=provider.base_url or OWN_ADDRESS,
                api_version="v1beta",
                timeout=max(1, round(self.timeout * 1000)),
                retry_options=types.HttpRetryOptions(attempts=1),
                httpx_async_client=self._http,
            ),
        )

    async def aclose(self) -> None:
        """Close connections."""
        await self._http.aclose()
        self._client.close()

    async def _said(self, ask: Ask) -> Said:
        config = types.GenerateContentConfig(
            system_instruction=ask.instructions,
            response_mime_type="application/json",
            response_json_schema=for_google(ask.schema) if self.provider.schema else None,
            max_output_tokens=self.provider.max_tokens,
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        )
        found = await self._client.aio.models.generate_content(
            model=self.provider.model, contents=ask.question, config=config
        )
        usage, (ended, why) = found.usage_metadata or types.GenerateContentResponseUsageMetadata(), self._ended(found)
        content = found.candidates[0].content if found.candidates else None
        return Said(
            text="".join(part.text or "" for part in (content.parts if content else None) or () if not part.thought),
            ended=ended, why=why, model=found.model_version or "",
            tokens_in=usage.prompt_token_count or 0,
            tokens_out=(usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0),
        )  # fmt: skip

    def _ended(self, found: types.GenerateContentResponse) -> tuple[Ended, str]:
        if found.prompt_feedback is not None and found.prompt_feedback.block_reason is not None:
            return "refused", found.prompt_feedback.block_reason.value
        if not found.candidates:
            raise ModelFailed("down", f"{self.name}: an answer without candidates")
        first = found.candidates[0]
        reason = first.finish_reason.value if first.finish_reason else ""
        if reason in _REFUSALS:
            return "refused", reason
        return ("whole", "") if reason == "STOP" else ("cut", reason)
