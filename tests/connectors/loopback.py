"""A small HTTP server on loopback that keeps items and tasks, and fails on demand."""

import asyncio
import json
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from http import HTTPStatus
from urllib.parse import parse_qsl, urlencode, urlsplit


@dataclass
class Request:
    method: str
    path: str
    params: dict
    headers: dict
    body: object
    raw: bytes = b""


@dataclass
class Server:
    """`faults`: what happens to the coming requests, one each; `cut` before it is done, `cut-after` when it is.

    `slow` and `slow-after` answer nothing until the client has given up. Any answer takes `pause` seconds.
    """

    port: int = 0
    items: dict = field(default_factory=dict)
    tasks: list = field(default_factory=list)
    faults: deque = field(default_factory=deque)
    seen: list = field(default_factory=list)
    token: str = ""
    connections: set = field(default_factory=set)
    page_size: int = 4
    pause: float = 0.0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/api"

    async def serve(self, reader, writer):
        self.connections.add(writer)
        try:
            while (request := await self.receive(reader)) is not None:
                if not await self.answer(request, reader, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.connections.discard(writer)
            writer.close()

    async def receive(self, reader):
        line = await reader.readline()
        if not line:
            return None
        method, target, _ = line.decode().split()
        headers = {}
        while (line := (await reader.readline()).decode().strip()) != "":
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        raw = await reader.readexactly(int(headers.get("content-length", 0)))
        form = headers.get("content-type", "").startswith("application/x-www-form")
        body = dict(parse_qsl(raw.decode())) if form else json.loads(raw) if raw else None
        parts = urlsplit(target)
        return Request(method, parts.path.removeprefix("/api"), dict(parse_qsl(parts.query)), headers, body, raw)

    async def answer(self, request, reader, writer):
        self.seen.append(request)
        await asyncio.sleep(self.pause)
        fault = self.faults.popleft() if self.faults else None
        if fault == "cut":
            return False
        if fault == "slow":
            await reader.read()
        status, body, headers = self.fail(fault) if isinstance(fault, int | tuple) else self.route(request)
        if fault == "cut-after":
            return False
        if fault == "slow-after":
            await reader.read()
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", f"Content-Length: {len(data)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if fault == "half":
            data = data[: len(data) // 2]
        writer.write("\r\n".join([*lines, "", ""]).encode() + data)
        await writer.drain()
        return fault != "half"

    def fail(self, fault):
        status, headers = fault if isinstance(fault, tuple) else (fault, {})
        return status, {"title": HTTPStatus(status).phrase, "detail": f"told to say {status}"}, headers

    def route(self, request):
        if request.path == "/token":
            self.token = f"t{len(self.seen)}"
            return 200, {"access_token": self.token, "expires_in": 3600}, {}
        if self.token and request.headers.get("authorization") != f"Bearer {self.token}":
            return 401, {"detail": "this token is not known"}, {}
        handler = getattr(self, f"{request.method.lower()}_{request.path.strip('/').split('/')[0]}")
        return handler(request)

    def get_items(self, request):
        since = request.params.get("modified_since", "").replace("Z", "+00:00")
        found = sorted(
            (each["modified_at"], each["id"]) for each in self.items.values() if each["modified_at"] >= since
        )
        start, asked = self.start(request, found), request.params
        page = found[start : start + self.page_size]
        more = start + self.page_size < len(found)
        after = "|".join(page[-1]) if page and more else None
        url = f"{self.url}/items?{urlencode({**asked, 'after': after})}" if after else None
        body = {"items": [self.items[key] for _, key in page], "next": after, "next_url": url, "delta": "d1"}
        return 200, body, {"Link": f'<{url}>; rel="next"'} if url else {}

    def start(self, request, found):
        if after := request.params.get("after"):
            return sum(1 for each in found if each <= tuple(after.split("|")))
        if page := request.params.get("page"):
            return (int(page) - 1) * self.page_size
        return int(request.params.get("offset", 0))

    def post_tasks(self, request):
        key = request.headers.get("idempotency-key") or request.body.get("external_id")
        self.tasks.append({"id": len(self.tasks) + 1, "key": key, **request.body})
        return 201, {"data": self.tasks[-1]}, {"ETag": '"1"', "Location": f"/tasks/{len(self.tasks)}"}

    def get_tasks(self, request):
        return 200, {"items": [each for each in self.tasks if each["key"] == request.params["external_id"]]}, {}

    def patch_items(self, request):
        item = self.items.get(request.path.rpartition("/")[2])
        if item is None:
            return 404, {"detail": "no such item"}, {}
        if request.headers.get("if-match") != item["version"]:
            return 412, {"detail": "the item has changed"}, {}
        item.update(request.body)
        return 200, item, {}

    def put(self, key, text, at, **more):
        version = f'"{text}"'
        self.items[key] = {"id": key, "text": text, "modified_at": at.isoformat(), "version": version, **more}


@asynccontextmanager
async def loopback(**settings):
    kept = Server(**settings)
    server = await asyncio.start_server(kept.serve, "127.0.0.1", 0)
    kept.port = server.sockets[0].getsockname()[1]
    yield kept
    server.close()
    while kept.connections:
        for writer in kept.connections:
            writer.close()
        await asyncio.sleep(0.01)
    await server.wait_closed()


def http_date(at):
    return format_datetime(at, usegmt=True)
