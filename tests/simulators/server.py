"""A loopback HTTP server around a simulator, on a thread of its own, so that blocking SDKs can use it too."""

import gzip
import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass
class Asked:
    method: str
    path: str
    query: dict
    headers: dict
    raw: bytes

    @property
    def body(self):
        return json.loads(self.raw) if self.raw else None

    @property
    def form(self):
        return {name: values[0] for name, values in parse_qs(self.raw.decode()).items()}


class Simulator:
    """Base of simulators: `handle` gives status, body and headers. `url` is known once it is served."""

    url: str = ""

    def handle(self, asked: Asked) -> tuple[int, Any, dict]:
        raise NotImplementedError


@dataclass
class Fault:
    """What the next requests are answered instead."""

    answers: list = field(default_factory=list)


@contextmanager
def served(simulator):
    """Serve a simulator on a free port of loopback."""
    lock = Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.headers.get("Content-Encoding") == "gzip":
                raw = gzip.decompress(raw)
            headers = {name.lower(): value for name, value in self.headers.items()}
            with lock:
                status, body, more = simulator.handle(Asked(self.command, unquote(parts.path), query, headers, raw))
            text = "" if body is None else body if isinstance(body, str) else json.dumps(body)
            data = text.encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **more}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = answer  # noqa: N815  (http.server names them)

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    simulator.url = f"http://127.0.0.1:{server.server_port}"
    yield simulator
    server.shutdown()
    server.server_close()
    thread.join(5)
