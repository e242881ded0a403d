"""A client of the language server protocol (3.17) over a process's stdin and stdout, as far as tests need it."""

import json
import subprocess
from pathlib import Path
from typing import Any


class LanguageServer:
    """A server under way; every request is awaited, what it is told in between is kept."""

    def __init__(self, command: list[str], root: Path) -> None:
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.told: list[dict[str, Any]] = []
        self._next = 0
        self.request("initialize", {"processId": None, "rootUri": root.as_uri(), "capabilities": {}})
        self.notify("initialized", {})

    def open(self, file: Path, text: str) -> str:
        """Show a document to the server; returns its URI."""
        document = {"uri": file.as_uri(), "languageId": "yaml", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})
        return file.as_uri()

    def diagnostics(self, uri: str) -> list[dict[str, Any]]:
        """Return what the server says of a document, once it does."""
        while True:
            for message in self.told:
                if message["method"] == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri:
                    return message["params"]["diagnostics"]
            self._take()

    def complete(self, uri: str, line: int, character: int) -> list[str]:
        """Return the words that the server offers at a position counted from 0."""
        where = {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}
        found = self.request("textDocument/completion", where)
        return [item["label"] for item in (found["items"] if isinstance(found, dict) else found)]

    def request(self, method: str, params: Any) -> Any:
        """Ask and wait for the answer."""
        self._next += 1
        mine = self._next
        self._send({"id": mine, "method": method, "params": params})
        while True:
            message = self._take()
            if message.get("id") == mine and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def notify(self, method: str, params: Any) -> None:
        """Tell without waiting."""
        self._send({"method": method, "params": params})

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.communicate()

    def _send(self, message: dict[str, Any]) -> None:
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(f"Content-Length: {len(content)}\r\n\r\n".encode() + content)
        self.process.stdin.flush()

    def _take(self) -> dict[str, Any]:
        length = 0
        while line := self.process.stdout.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        assert length, "the language server ended"
        message = json.loads(self.process.stdout.read(length))
        if "method" in message and "id" in message:
            asked = message["params"].get("items", [None]) if isinstance(message["params"], dict) else [None]
            answer = [None] * len(asked) if message["method"] == "workspace/configuration" else None
            self._send({"id": message["id"], "result": answer})
        elif "method" in message:
            self.told.append(message)
        return message
