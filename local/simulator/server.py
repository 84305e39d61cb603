"""The HTTP side: Tornado's server on loopback, with connections that break on demand."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import sys
import traceback
from http.client import responses
from typing import cast

from tornado.http1connection import HTTP1Connection
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPHeaders, HTTPServerRequest, ResponseStartLine
from tornado.iostream import StreamClosedError
from tornado.netutil import bind_sockets

from stripe_flows.local.simulator.api import Api
from stripe_flows.local.simulator.control import Control
from stripe_flows.local.simulator.http import Outcome, Reply, Request, Reset, Silence
from stripe_flows.local.simulator.parts import Parts

HOST = "127.0.0.1"
CONTROL = "/_sim/"

_LINE_BREAK = re.compile(r"[\r\n]")

# Close with a reset: the peer sees ECONNRESET, not an end of the stream.
_LINGER_NONE = struct.pack("ii", 1, 0)


class Server:
    """Serves one simulated Stripe."""

    def __init__(self, parts: Parts, *, latency: float = 0.0) -> None:
        self._api = Api(parts, latency=latency)
        self._control = Control(parts)
        self._tasks: set[asyncio.Task[None]] = set()
        self._http = HTTPServer(self._received)

    def listen(self, port: int) -> int:
        """Listen on a port, 0 for any free one; the port. Raises OSError if it is taken."""
        sockets = bind_sockets(port, HOST, family=socket.AF_INET)
        self._http.add_sockets(sockets)
        return cast("int", sockets[0].getsockname()[1])

    def stop(self) -> None:
        self._http.stop()

    def _received(self, received: HTTPServerRequest) -> None:
        # A task of its own: a request goes on when its client is gone, as at Stripe.
        task = asyncio.get_running_loop().create_task(self._serve(received))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, received: HTTPServerRequest) -> None:
        request = Request(
            received.method or "GET",
            received.path,
            received.query,
            received.headers,
            received.body,
        )
        connection = cast("HTTP1Connection", received.connection)
        try:
            outcome: Outcome = (
                self._control.answer(request)
                if request.path.startswith(CONTROL)
                else await self._api.answer(request)
            )
        except Exception:  # noqa: BLE001 -- a fault of the simulator itself: say so, to both sides
            traceback.print_exc(file=sys.stderr)
            outcome = Reply(
                500, {"Content-Type": "text/plain"}, b"the simulator failed; see its log"
            )
        await _deliver(connection, outcome)


async def _deliver(connection: HTTP1Connection, outcome: Outcome) -> None:
    if connection.stream.closed():
        return
    match outcome:
        case Reply():
            headers = HTTPHeaders()
            for name, value in outcome.headers.items():
                # A client's own text is echoed: nothing in it may begin a line of its own.
                headers.add(name, _LINE_BREAK.sub("", value))
            headers["Content-Length"] = str(len(outcome.body))
            reason = responses.get(outcome.status, "Unknown")
            line = ResponseStartLine("HTTP/1.1", outcome.status, reason)
            try:
                written = connection.write_headers(line, headers, outcome.body)
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
