"""An editor's side of a language server: it opens files and asks what can be written at a place."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

WAIT = 120.0
"""Seconds that the server lives at most; whoever waits for an answer then sees its end."""


class LanguageServer:
    """basedpyright's server for a folder, over its standard streams. To be used in a `with`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0

    def __enter__(self) -> Self:
        command = Path(sys.executable).with_name("basedpyright-langserver")
        self._process = subprocess.Popen(
            [command, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=self._folder
        )
        self._end = threading.Timer(WAIT, self._process.kill)
        self._end.start()
        folder = {"uri": self._folder.as_uri(), "name": "project"}
        self._ask(
            "initialize",
            {"processId": None, "capabilities": {}, "workspaceFolders": [folder]},
        )
        self._tell("initialized", {})
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._ask("shutdown", None)
                self._tell("exit", None)
                self._process.communicate(timeout=WAIT)
        finally:
            self._end.cancel()
            self._process.kill()
            self._process.communicate()

    def completions(self, path: Path, before: str, behind: str = "") -> set[str]:
        """What may be written between two texts, which the file is taken to hold."""
        document = {"uri": path.as_uri(), "languageId": "python", "version": 1}
        document["text"] = before + behind
        self._tell("textDocument/didOpen", {"textDocument": document})
        lines = before.split("\n")
        found = self._ask(
            "textDocument/completion",
            {
                "textDocument": {"uri": path.as_uri()},
                "position": {"line": len(lines) - 1, "character": len(lines[-1])},
            },
        )
        self._tell("textDocument/didClose", {"textDocument": {"uri": path.as_uri()}})
        return {str(item["label"]) for item in found["items"]} if found else set()

    def _ask(self, method: str, params: object) -> Any:
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        while True:
            message = self._receive()
            if message.get("id") == self._number and "method" not in message:
                assert "error" not in message, message
                return message["result"]
            if "id" in message:
                # The server asks for the editor's settings: there are none.
                items = (message.get("params") or {}).get("items")
                answer = [None] * len(items) if items is not None else None
                self._send({"id": message["id"], "result": answer})

    def _tell(self, method: str, params: object) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, object]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        length = 0
        while line := self._process.stdout.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        assert length, "the language server has ended"
        message: dict[str, Any] = json.loads(self._process.stdout.read(length))
        return message
