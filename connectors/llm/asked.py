"""What every provider does alike: ask once within its time, and say in the same words why there is no answer."""

import asyncio
from abc import abstractmethod
from typing import ClassVar

import msgspec

from connectors.llm.provider import Provider
from engine.ports import Answer, Ask, ModelFailed


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
                return await self._answer(ask)
        except TimeoutError as error:
            raise ModelFailed("down", f"{self.name} gave no answer within {limit:g} s") from error
        except ModelFailed:
            raise
        except Exception as error:
            if isinstance(error, (*self.faults, msgspec.DecodeError)):
                raise ModelFailed("down", f"{self.name}: {error}") from error
            raise

    @abstractmethod
    async def _answer(self, ask: Ask) -> Answer: ...

    def refused(self, why: str) -> ModelFailed:
        """Return that the model would not answer."""
        return ModelFailed("refused", f"{self.name} refused{f': {why}' if why else ''}")

    def cut(self, why: str) -> ModelFailed:
        """Return that the answer ended before it was whole."""
        return ModelFailed("cut", f"{self.name} was cut off: {why}")
