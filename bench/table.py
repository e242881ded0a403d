"""Results for people: each part of a bench's JSON as lines, or as a table where rows have columns."""


def shown(found, title=""):
    """Render nested results."""
    if not isinstance(found, dict) or not found:
        return f"{title}: {_text(found)}"
    rows = {name: value for name, value in found.items() if isinstance(value, dict)}
    flat = {name: value for name, value in found.items() if name not in rows}
    parts = [title, "=" * len(title)] if title else []
    parts += [f"  {name}: {_text(value)}" for name, value in flat.items()]
    if rows and all(not isinstance(cell, dict) for row in rows.values() for cell in row.values()) and _alike(rows):
        parts.append(_table(rows))
    else:
        parts += [shown(row, f"{title}, {name}" if title else name) + "\n" for name, row in rows.items()]
    return "\n".join(parts)


def _alike(rows):
    columns = [set(row) for row in rows.values()]
    return len(columns) > 1 and any(one & other for one in columns for other in columns if one is not other)


def _table(rows):
    columns = list(dict.fromkeys(name for row in rows.values() for name in row))
    cells = [["", *columns], *([name, *(_text(row.get(each, "")) for each in columns)] for name, row in rows.items())]
    widths = [max(len(line[at]) for line in cells) for at in range(len(columns) + 1)]
    return "\n".join(
        "  ".join(
            [
                line[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)),
            ]
        )
        for line in cells
    )


def _text(value):
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    if isinstance(value, int) or (isinstance(value, float) and abs(value) >= 1000):
        return f"{value:,.0f}"
    return f"{value:g}" if isinstance(value, float) else str(value)
