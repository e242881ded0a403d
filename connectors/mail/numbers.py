"""Sets of message numbers as IMAP writes them, `1:3,7` (RFC 3501, sequence-set): short even for a full mailbox."""

from collections.abc import Collection, Iterator


def ranges(numbers: Collection[int]) -> str:
    """Return the set as text."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(str(first) if first == last else f"{first}:{last}" for first, last in parts)


def numbers(text: str) -> Iterator[int]:
    """Yield the numbers of a set."""
    for part in filter(None, text.split(",")):
        first, _, last = part.partition(":")
        start, end = sorted((int(first), int(last or first)))
        yield from range(start, end + 1)
