"""Exchanging all that follows from the configuration: made inside one transaction, taken back when that fails."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from api.layer.parts import Parts
from engine.ports import Connector
from engine.rules import Home
from evals.diff.semantic import bare


class Exchange:
    """One change of configuration under way; sources are opened anew only when their settings changed."""

    def __init__(self, present: Parts, home: Home) -> None:
        self.present = present
        self.home = home
        self.reopened = bare(present.home.sources) != bare(home.sources)
        self.connectors, self.down = present.reopen(home) if self.reopened else (present.connectors, present.down)
        self._renewed: Parts | None = None
        self._committed = False

    def begin(self) -> None:
        """Let the pipeline work by the configuration to come; called inside its transaction."""
        self._before = (self.present.pipeline.proposals, self.present.pipeline.drafting, self.present.pipeline.mappers)
        self._renewed = self.present.renew(self.home, self.connectors, self.down)

    def commit(self) -> Parts:
        """Return the parts to go on with: the present ones when nothing was begun."""
        self._committed = self._renewed is not None
        return self._renewed or self.present

    async def end(self) -> None:
        """Close the connectors and models that are needed no more, and take back what was not committed."""
        if not self._committed and self._renewed is not None:
            pipeline = self.present.pipeline
            pipeline.proposals, pipeline.drafting, pipeline.mappers = self._before
        unused: Mapping[str, Connector] = self.present.connectors if self._committed else self.connectors
        for connector in unused.values() if self.reopened else ():
            await connector.aclose()
        gone = self.present if self._committed else self._renewed
        for model in gone.models.values() if gone is not None else ():
            await model.aclose()


@asynccontextmanager
async def exchange(present: Parts, home: Home) -> AsyncIterator[Exchange]:
    """Open an exchange; what was not committed by the end is taken back."""
    change = Exchange(present, home)
    try:
        yield change
    finally:
        await change.end()
