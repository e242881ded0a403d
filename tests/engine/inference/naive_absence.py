"""What the naive engine makes of sources: absence waits for the one that would tell, and silence makes stale."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from tests.engine.inference.naive_feel import add, duration

Asked = tuple[str, str]
"""A condition and its subject."""
TICK = timedelta(microseconds=1)


class Sources:
    """What has been heard of sources, and which conditions wait for `mail`."""

    def __init__(
        self,
        rests: Callable[[str], bool] = lambda _: False,
        moves: Callable[[str], bool] = lambda _: False,
        limits: Mapping[str, str] | None = None,
    ) -> None:
        self.rests, self.moves, self.limits = rests, moves, limits or {}
        self.heard: dict[str, datetime] = {}
        self.spoken: dict[str, datetime] = {}
        self.waiting: dict[Asked, datetime] = {}
        self.seeds: set[Asked] = set()
        self.seeded: set[Asked] = set()
        self.by_time = self.seeding = False

    def hear(self, source: str, at: datetime) -> None:
        self.heard[source] = max(self.heard.get(source, at), at)

    def speak(self, source: str, at: datetime) -> None:
        """Who has never said how far it has told has told all up to its last word."""
        if source not in self.heard:
            self.spoken[source] = at

    def judge(self, asked: Asked, text: str, truth: bool | None, before: bool, now: datetime) -> bool | None:
        """What was true before stays so; what becomes true with the clock's help waits until `mail` has told so far."""
        if truth is False:
            self.drop(asked)
        if truth is not True or before or not self.rests(text):
            return truth
        begins = asked not in self.waiting
        if begins and not self.by_time and not self.moves(text):
            return True
        since = self.waiting.setdefault(asked, now)
        told = self.heard.get("mail") or self.spoken.get("mail")
        if told is not None and told >= since:
            self.seeded |= {asked} & self.seeds
            self.drop(asked)
            return True
        if begins and self.seeding:
            self.seeds.add(asked)
        return None

    def drop(self, asked: Asked) -> None:
        self.waiting.pop(asked, None)
        self.seeds.discard(asked)

    def end(self, source: str, told: datetime) -> datetime | None:
        """The first moment at which what was told then is stale."""
        if source not in self.limits or source not in self.heard:
            return None
        found = add(max(told, self.heard[source]), duration(self.limits[source]), 1) + TICK
        assert isinstance(found, datetime)
        return found


class Hindsight(Sources):
    """Who asks what would have been waits for nobody; what is held at present is held then."""

    def __init__(self, sources: Sources, held: set[Asked]) -> None:
        super().__init__(limits=sources.limits)
        self.heard, self.held = sources.heard, held

    def judge(self, asked: Asked, text: str, truth: bool | None, before: bool, now: datetime) -> bool | None:
        del text, before, now
        return None if asked in self.held else truth
