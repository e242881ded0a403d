"""What every provider does alike: ask once within its time, and say in the same words why there is no answer."""

import asyncio
from abc import abstractmethod
from typing import ClassVar, Literal, TypeAlias

import msgspec

from connectors.llm.provider import Provider
from engine.ports import Answer, Ask, ModelFailed

Ended: TypeAlias = Literal["whole", "refused", "cut"]


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider sent, in no provider's words: `why` it `ended` before it was whole, and what it cost."""

    text: str = ""
    ended: Ended = "whole"
    why: str = ""
    model: str = ""
    tokens_in: int = 0
    tokens_out: int = 0


class Asked:
    """One model behind one address; asks once, for the route decides who is asked next."""

    faults: ClassVar[tuple[type[Exception], ...]]
    """What the provider's SDK raises."""

    def __init__(self, name: str, provider: Provider) -> None:
        self.name = name
        self.provider = provider
        self.timeout = provider.timeout.total_seconds()

    async def ask(self, ask: Ask, seconds: float | None = None) -> Answer:
        """See engine.ports.Model."""
        limit = self.timeout if seconds is None else min(seconds, self.timeout)
        try:
            async with asyncio.timeout(limit):
                said = await self._said(ask)
        except TimeoutError as error:
            raise ModelFailed("down", f"{self.name} gave no answer within {limit:g} s") from error
        except ModelFailed:
            raise
        except Exception as error:
            if isinstance(error, (*self.faults, msgspec.DecodeError)):
                raise ModelFailed("down", f"{self.name}: {error}") from error
            raise
        return self._whole(said)

    @abstractmethod
    async def _said(self, ask: Ask) -> Said: ...

    def _whole(self, said: Said) -> Answer:
        """Return the answer; raises ModelFailed where it was refused or cut, with what it cost."""
        answer = Answer(
            text=said.text,
            model=said.model or self.provider.model,
            tokens_in=said.tokens_in,
            tokens_out=said.tokens_out,
        )
        if said.ended == "refused":
            raise ModelFailed("refused", f"{self.name} refused{f': {said.why}' if said.why else ''}", answer)
        if said.ended == "cut":
            raise ModelFailed("cut", f"{self.name} was cut off: {said.why}", answer)
        return answer
