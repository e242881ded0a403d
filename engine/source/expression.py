"""A piece of FEEL or text as it stands in a file."""

import msgspec

from engine.source.problem import Place


class Expression(msgspec.Struct, frozen=True):
    """FEEL text with the place of its first character, so that a fault inside it can be pointed at."""

    text: str
    place: Place = Place("")

    def __str__(self) -> str:
        return self.text
