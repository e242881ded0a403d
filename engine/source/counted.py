"""A number with its noun."""


def counted(count: int, one: str) -> str:
    """Return `1 case` or `2 cases`; for nouns whose plural takes an s."""
    return f"{count} {one}" if count == 1 else f"{count} {one}s"
