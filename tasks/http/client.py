"""The HTTP client: one attempt at a call, and every way in which it can end.

No retries here: an attempt is an attempt, and what follows from it is the journal's to keep. No
redirects, no proxies and no `.netrc` (it would replace the Authorization header).
"""

from __future__ import annotations

import threading
import time
from base64 import b64encode
from collections.abc import Callable

import requests
import urllib3.exceptions

from stripe_flows.engine.call import Call
from stripe_flows.engine.stripe.outcomes import Attempt, NoReply, Reply

from .connections import TellingAdapter, never_left

MAX_RESPONSE = 4 * 1024 * 1024
"""Bytes of an answer on the wire."""

_CHUNK = 64 * 1024
_USER_AGENT = "stripe-flows"


class StripeClient:
    """Sends requests to one Stripe API. Safe to share between threads; each has its own session."""

    def __init__(
        self, base: str, *, connect_timeout: float, read_timeout: float, connections: int = 256
    ) -> None:
        self._base = base
        self._timeout = (connect_timeout, read_timeout)
        self._adapter = TellingAdapter(connections)
        self._local = threading.local()

    def send(
        self, call: Call, idempotency_key: str, open_key: Callable[[], str], until: float
    ) -> Attempt:
        """One attempt.

        `open_key` gives the Stripe key; it is called on the line that sends. `until`: the monotonic
        time at which the lease is over; nothing is read after it. Never raises for what the network
        does; what `open_key` raises goes through.
        """
        headers = {"Stripe-Version": call.stripe_version, "User-Agent": _USER_AGENT}
        if call.stripe_account:
            headers["Stripe-Account"] = call.stripe_account
        url, data = self._base + call.path, None
        if call.method == "POST":
            headers["Idempotency-Key"] = idempotency_key
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            data = call.body.encode()
        elif call.body:
            url = f"{url}?{call.body}"
        request = requests.Request(call.method, url, headers=headers, data=data).prepare()
        try:
            request.headers["Authorization"] = _basic(open_key())
            with self._session().send(
                request, timeout=self._timeout, allow_redirects=False, stream=True
            ) as response:
                return _read(response, until)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            return NoReply(reason=_name(error), never_left=never_left(error))
        finally:
            # The prepared request is what an exception's traceback would show.
            request.headers.pop("Authorization", None)

    def close(self) -> None:
        """Closes the pooled connections."""
        self._adapter.close()

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False
            session.mount("https://", self._adapter)
            session.mount("http://", self._adapter)
            self._local.session = session
        return session


def _read(response: requests.Response, until: float) -> Attempt:
    """The answer's body. It is left where it trickles past the lease; one that is there counts."""
    parts: list[bytes] = []
    size = 0
    while part := response.raw.read1(_CHUNK, decode_content=True):
        parts.append(part)
        size += len(part)
        if size > MAX_RESPONSE:
            return Reply(response.status_code, response.headers, "", too_large=True)
        if time.monotonic() > until and response.raw.length_remaining != 0:
            return NoReply(reason="the answer trickled past the lease", never_left=False)
    body = b"".join(parts).decode("utf-8", errors="replace")
    return Reply(response.status_code, response.headers, body)


def _basic(key: str) -> str:
    return "Basic " + b64encode(f"{key}:".encode()).decode()


_PLAINLY = {
    "NameResolutionError": "the host is unknown",
    "NewConnectionError": "no connection",
    "ConnectTimeoutError": "no connection in time",
    "SSLError": "no TLS connection",
    "ReadTimeoutError": "no answer in time",
    "ReadTimeout": "no answer in time",
    "ProtocolError": "the connection broke",
    "IncompleteRead": "the answer broke off",
}


def _name(error: BaseException) -> str:
    """What failed, for people, and the exception's name. Its text may hold an address; left out."""
    inner = error.args[0] if error.args else None
    for one in (getattr(inner, "reason", None), inner, error):
        name = type(one).__name__
        if isinstance(one, BaseException) and name in _PLAINLY:
            return f"{_PLAINLY[name]} ({name})"
    return f"the request failed ({type(error).__name__})"
