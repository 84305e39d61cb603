"""The HTTP client: make one attempt at a call, and return the way in which it ended.

It does not retry: the journal decides what follows an attempt. It does not follow redirects, and
ignores proxies and `.netrc` (which would replace the Authorization header).
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
"""The size limit of an answer, in bytes."""

_CHUNK = 64 * 1024
_USER_AGENT = "stripe-flows"


class StripeClient:
    """Send requests to one Stripe API. Threads may share it; each has a session of its own."""

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
        """Make one attempt, and return its reply or the failure.

        `open_key` returns the Stripe key; it is called on the line that sends. `until`: the monotonic
        time at which the lease ends; nothing is read after it. Raises only what `open_key` raises.
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
            return NoReply(reason=_reason(error), never_left=never_left(error))
        finally:
            # A traceback shows the prepared request. It must not show the key.
            request.headers.pop("Authorization", None)

    def close(self) -> None:
        """Close the pooled connections."""
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
    """Read the answer. Stop when the lease ends, unless the whole body has arrived."""
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


_FAILURES = {
    "NameResolutionError": "the host is unknown",
    "NewConnectionError": "no connection",
    "ConnectTimeoutError": "no connection in time",
    "SSLError": "no TLS connection",
    "ReadTimeoutError": "no answer in time",
    "ReadTimeout": "no answer in time",
    "ProtocolError": "the connection broke",
    "IncompleteRead": "the answer broke off",
}


def _reason(error: BaseException) -> str:
    """Say what failed, with the exception's name. Its text is left out: it may hold an address."""
    inner = error.args[0] if error.args else None
    for one in (getattr(inner, "reason", None), inner, error):
        name = type(one).__name__
        if isinstance(one, BaseException) and name in _FAILURES:
            return f"{_FAILURES[name]} ({name})"
    return f"the request failed ({type(error).__name__})"
