"""A piece of FEEL or text as it stands in a file."""

import msgspec

from engine.source.problem import Place

Spot = tuple[int, int, int]
"""From this offset in the text on, characters stand at this line and column of the file."""


class Expression(msgspec.Struct, frozen=True, omit_defaults=True):
    """FEEL text with the place of its first character, so that a fault inside it can be pointed at.

    `spots` follow the text through folded lines, indentation and escapes; empty when it stands in one piece.
    """

    text: str
    place: Place = Place("")
    spots: tuple[Spot, ...] = ()

    def __str__(self) -> str:
        return self.text

    def at(self, line: int, column: int) -> Place:
        """Return the place in the file of a line and column (from 1) of the text."""
        start = 0
        for _ in range(line - 1):
            start = self.text.find("\n", start) + 1 or len(self.text)
        return self.at_offset(start + column - 1)

    def at_offset(self, offset: int) -> Place:
        """Return the place in the file of the character at `offset` of the text."""
        spots = self.spots or ((0, self.place.line, self.place.column),)
        first, line, column = next((spot for spot in reversed(spots) if spot[0] <= offset), spots[0])
        return Place(self.place.file, line, max(1, column + offset - first))

    def part(self, start: int, end: int) -> "Expression":
        """Return a piece of the text as an expression of its own, with its own place."""
        place = self.at_offset(start)
        inner = tuple((offset - start, line, column) for offset, line, column in self.spots if start < offset < end)
        spots = ((0, place.line, place.column), *inner) if inner else ()
        return Expression(self.text[start:end], place, spots)
