"""The HTTP server: Tornado on loopback, with connections that break on demand."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import sys
import traceback
from dataclasses import replace
from http.client import responses
from typing import cast

from tornado.http1connection import HTTP1Connection
from tornado.httpserver import HTTPServer
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPServerConnectionDelegate,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.iostream import StreamClosedError
from tornado.netutil import bind_sockets

from .api import Api
from .control import Control
from .http import HttpOutcome, HttpRequest, HttpResponse, Reset, Silence
from .simulation import Simulation

HOST = "127.0.0.1"
CONTROL = "/_sim/"

_LINE_BREAK = re.compile(r"[\r\n]")

# Closing with a reset makes the peer see ECONNRESET instead of the end of the stream.
_LINGER_NONE = struct.pack("ii", 1, 0)


class Server(HTTPServerConnectionDelegate):
    """Serves one simulated Stripe."""

    def __init__(self, simulation: Simulation, *, latency: float = 0.0) -> None:
        self._api = Api(simulation, latency=latency)
        self._control = Control(simulation)
        self._tasks: set[asyncio.Task[None]] = set()
        self._http = HTTPServer(self)

    def listen(self, port: int) -> int:
        """Listen on a port (0: any free one) and return it. Raise OSError if it is in use."""
        sockets = bind_sockets(port, HOST, family=socket.AF_INET)
        self._http.add_sockets(sockets)
        return cast("int", sockets[0].getsockname()[1])

    def stop(self) -> None:
        self._http.stop()

    def start_request(
        self, server_conn: object, request_conn: HTTPConnection
    ) -> HTTPMessageDelegate:
        """Return the delegate that reads a request, for Tornado."""
        return _Intake(self, cast("HTTP1Connection", request_conn))

    def received(self, request: HttpRequest, connection: HTTP1Connection) -> None:
        # The request runs in a task of its own and goes on when its client disconnects, as at
        # Stripe.
        task = asyncio.get_running_loop().create_task(self._serve(request, connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, request: HttpRequest, connection: HTTP1Connection) -> None:
        # HEAD is a GET whose response has no body.
        bare = request.method == "HEAD"
        if bare:
            request = replace(request, method="GET")
        try:
            outcome: HttpOutcome = (
                self._control.answer(request)
                if request.path.startswith(CONTROL)
                else await self._api.answer(request)
            )
        except Exception:  # noqa: BLE001 -- a fault of the simulator itself: say so, to both sides
            traceback.print_exc(file=sys.stderr)
            outcome = HttpResponse(
                500, {"Content-Type": "text/plain"}, b"the simulator failed; see its log"
            )
        await _deliver(connection, outcome, bare=bare)


class _Intake(HTTPMessageDelegate):
    """Reads one request. Tornado itself would refuse a long form without an answer."""

    def __init__(self, server: Server, connection: HTTP1Connection) -> None:
        self._server = server
        self._connection = connection
        self._line = RequestStartLine("GET", "/", "HTTP/1.1")
        self._headers = HTTPHeaders()
        self._body: list[bytes] = []

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> None:
        assert isinstance(start_line, RequestStartLine)
        self._line, self._headers = start_line, headers

    def data_received(self, chunk: bytes) -> None:
        self._body.append(chunk)

    def finish(self) -> None:
        path, _, query = self._line.path.partition("?")
        body = b"".join(self._body)
        request = HttpRequest(self._line.method, path, query, self._headers, body)
        self._server.received(request, self._connection)


async def _deliver(connection: HTTP1Connection, outcome: HttpOutcome, *, bare: bool) -> None:
    """Send a response, or end the connection. `bare`: send only the headers."""
    if connection.stream.closed():
        return
    match outcome:
        case HttpResponse():
            headers = HTTPHeaders()
            for name, value in outcome.headers.items():
                # A client's own text is echoed, so line breaks in it are removed.
                headers.add(name, _LINE_BREAK.sub("", value))
            headers["Content-Length"] = str(len(outcome.body))
            reason = responses.get(outcome.status, "Unknown")
            line = ResponseStartLine("HTTP/1.1", outcome.status, reason)
            try:
                body = None if bare else outcome.body
                written = connection.write_headers(line, headers, body)
                connection.finish()
                await written
            except StreamClosedError:
                return
        case Silence():
            gone = asyncio.Event()
            connection.set_close_callback(gone.set)
            try:
                await asyncio.wait_for(gone.wait(), outcome.seconds)
            except TimeoutError:
                connection.stream.close()
        case Reset():
            plug = connection.stream.fileno()
            assert isinstance(plug, socket.socket)
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NONE)
            connection.stream.close()
