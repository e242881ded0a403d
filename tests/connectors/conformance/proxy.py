"""Stands between a connector and its real peer, and lets the connection fail on demand."""

import asyncio
from collections import deque
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

HOP = {"connection", "keep-alive", "transfer-encoding", "host"}


@dataclass
class FaultProxy:
    """An HTTP proxy for one target. `faults`: what happens to the coming requests, one each.

    A status (or status and headers) is answered without asking the target. `cut` ends the connection before the target
    is asked, `cut-after` when it has answered; `slow` and `slow-after` answer nothing until the client has given up;
    None lets pass.
    """

    target: str
    port: int = 0
    faults: deque = field(default_factory=deque)
    seen: list = field(default_factory=list)
    writers: set = field(default_factory=set)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}{urlsplit(self.target).path}"

    async def serve(self, reader, writer):
        self.writers.add(writer)
        try:
            while (head := await self.head(reader)) is not None and await self.pass_on(head, reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            await gone(writer)
            self.writers.discard(writer)

    async def head(self, reader):
        """The request or status line, and the headers."""
        first = (await reader.readline()).decode("latin-1").rstrip()
        if not first:
            return None
        headers = []
        while line := (await reader.readline()).decode("latin-1").rstrip():
            name, _, value = line.partition(":")
            headers.append((name, value.strip()))
        return first, headers

    async def body(self, headers, reader):
        fields = {name.lower(): value for name, value in headers}
        if fields.get("transfer-encoding", "").lower() == "chunked":
            return await self.chunks(reader)
        return await reader.readexactly(int(fields.get("content-length", 0)))

    async def chunks(self, reader):
        whole = b""
        while size := int((await reader.readline()).split(b";")[0], 16):
            whole += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
        return whole

    async def pass_on(self, head, reader, writer):
        line, headers = head
        body = await self.body(headers, reader)
        self.seen.append(line)
        fault = self.faults.popleft() if self.faults else None
        if fault == "cut":
            return False
        if fault == "slow":
            await reader.read()
        if isinstance(fault, int | tuple):
            status, more = fault if isinstance(fault, tuple) else (fault, {})
            answer, fields, content = f"HTTP/1.1 {status} Fault", list(more.items()), b'{"detail": "a fault"}'
        else:
            answer, fields, content = await self.ask(line, headers, body)
        if fault == "cut-after":
            return False
        if fault == "slow-after":
            await reader.read()
        self.send(writer, answer, fields, content)
        await writer.drain()
        return True

    async def ask(self, line, headers, body):
        """What the target answers."""
        parts = urlsplit(self.target)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            # Servers that name addresses take them from Host, so it stays as the connector sent it.
            kept = [(name, value) for name, value in headers if name.lower() not in HOP - {"host"} | {"content-length"}]
            self.send(writer, line, [*kept, ("Connection", "close")], body)
            await writer.drain()
            head = await self.head(reader)
            assert head is not None
            content = b"" if line.startswith("HEAD ") else await self.answered(head, reader)
            return head[0], [each for each in head[1] if each[0].lower() not in HOP | {"content-length"}], content
        finally:
            await gone(writer)

    async def answered(self, head, reader):
        names = {name.lower() for name, _ in head[1]}
        if not names & {"content-length", "transfer-encoding"}:
            return b"" if " 204 " in f"{head[0]} " else await reader.read()
        return await self.body(head[1], reader)

    def send(self, writer, line, headers, body):
        lines = [line, *(f"{name}: {value}" for name, value in headers), f"Content-Length: {len(body)}", "", ""]
        writer.write("\r\n".join(lines).encode("latin-1") + body)


async def gone(writer):
    """Close a connection and wait until it is."""
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


@asynccontextmanager
async def faulty(target):
    """A proxy for a target's address."""
    proxy = FaultProxy(target)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    yield proxy
    server.close()
    while proxy.writers:
        for writer in proxy.writers:
            writer.close()
        await asyncio.sleep(0.01)
    await server.wait_closed()
