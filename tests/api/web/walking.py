"""Finds the pages by itself: follows every link from the day on, two addresses of each shape."""

import html
import re
from collections import Counter

LINK = re.compile(r'<a\b[^>]*?href="(/[^"#]*)[^"]*"([^>]*)')
ELSEWHERE = ("/static", "/api", "/health", "/sign-")
EACH = 2
"""Addresses of one shape that are looked at."""


def shape(path):
    """An address without what names one thing: `/actions/act-0001?show=all` is `/actions/* show`."""
    place, _, query = path.partition("?")
    parts = place.strip("/").split("/")
    kept = parts if parts[0] in ("admin", "evals") and len(parts) == 2 else [parts[0], *("*" for _ in parts[1:])]
    return f"/{'/'.join(kept)} {' '.join(sorted(each.partition('=')[0] for each in query.split('&') if each))}".strip()


async def pages(browser, start="/today", also=()):
    """Every page that links lead to, as (path, answer)."""
    waiting, seen, shapes, found = [start, *also], set(), Counter(), []
    while waiting:
        path = waiting.pop(0)
        if path in seen or shapes[shape(path)] >= EACH or path.startswith(ELSEWHERE):
            continue
        seen.add(path)
        shapes[shape(path)] += 1
        answer = await browser.get(path)
        if answer.status_code == 303:
            waiting.append(answer.headers["location"])
            continue
        found.append((path, answer))
        waiting += [
            html.unescape(link)
            for link, rest in LINK.findall(answer.text)
            if "download" not in rest and not link.startswith("//")
        ]
    return found
