"""A vendor's HTTP service that keeps what is posted, dedupes nothing, and can be asked by our key."""

import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Peer:
    """Where it listens, and all that was posted, in order; `answered` has what the answer was written for.

    Each answer to a write takes up to `delay` seconds.
    """

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.records: list[dict[str, Any]] = []
        self.answered: list[tuple[str, str]] = []
        self.news = threading.Condition()
        self.delay = 0.0

    def count(self, key: str) -> int:
        return sum(record["key"] == key for record in self.records)


@contextmanager
def serving() -> Iterator[Peer]:
    """Serve on a free loopback port until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            peer.records.append({"key": self.headers["Idempotency-Key"], "body": body})
            time.sleep(random.uniform(0, peer.delay))
            self._answer(201, {"id": f"R{len(peer.records)}"})
            with peer.news:
                peer.answered.append((self.headers.get("X-Worker", ""), self.headers["Idempotency-Key"]))
                peer.news.notify_all()

        def do_GET(self) -> None:
            [key] = parse_qs(urlsplit(self.path).query)["key"]
            found = [{"id": f"R{place + 1}"} for place, each in enumerate(peer.records) if each["key"] == key]
            self._answer(200, {"items": found})

        def _answer(self, status: int, body: Any) -> None:
            content = json.dumps(body).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:  # who asked was killed
                self.close_connection = True

        def log_message(self, *_args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    peer = Peer(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield peer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
