"""The HTTP client against real sockets: every way in which an attempt can end has its mapping."""

from __future__ import annotations

import gzip
import inspect
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
import requests
import requests.exceptions
import urllib3.exceptions

from stripe_flows.engine.call import Call, SecretSource
from stripe_flows.engine.stripe.outcomes import NoReply, Reply
from stripe_flows.tasks.http.client import StripeClient
from stripe_flows.tasks.http.connections import never_left

KEY = "sk_test_planted"

CALL = Call(
    operation="create_payment_intent",
    method="POST",
    path="/v1/payment_intents",
    body="amount=2000&currency=usd",
    request={},
    stripe_version="2026-10-28.endive",
    stripe_account="acct_1",
    secret=SecretSource(kind="reference", value="STRIPE_SECRET_KEY"),
    worker_id="default",
    context_id="c",
    params={},
)


@contextmanager
def serving(answer: Callable[[socket.socket, bytes], object]) -> Iterator[str]:
    """A server on the loopback that reads one request and then does what `answer` says."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            connection.settimeout(5)
            answer(connection, whole_request(connection))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()
        thread.join(5)


def whole_request(connection: socket.socket) -> bytes:
    """Reads to the end: a socket that is closed with something unread resets the connection."""
    found = b""
    while True:
        part = connection.recv(65536)
        found += part
        head, end, body = found.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if not part or (end and len(body) >= (int(length[1]) if length else 0)):
            return found


def send(
    base: str, *, read: float = 2.0, until: float = 60.0, call: Call = CALL
) -> Reply | NoReply:
    client = StripeClient(base, connect_timeout=0.5, read_timeout=read)
    return client.send(call, "the-key", lambda: KEY, time.monotonic() + until)


def http(body: bytes, status: str = "200 OK", headers: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


def test_an_answer_comes_with_status_headers_and_body() -> None:
    with serving(
        lambda s, _: s.sendall(http(b'{"id": "pi_1"}', headers="Request-Id: req_1\r\n"))
    ) as base:
        found = send(base)
    assert isinstance(found, Reply)
    assert (found.status, found.body, found.headers["request-id"]) == (
        200,
        '{"id": "pi_1"}',
        "req_1",
    )


def test_what_goes_out_is_what_was_frozen() -> None:
    seen: list[bytes] = []

    def answer(connection: socket.socket, request: bytes) -> None:
        seen.append(request)
        connection.sendall(http(b"{}"))

    with serving(answer) as base:
        send(base)
    head, _, body = seen[0].decode().partition("\r\n\r\n")
    lines = head.split("\r\n")
    assert lines[0] == "POST /v1/payment_intents HTTP/1.1"
    assert body == "amount=2000&currency=usd"
    for line in (
        "Idempotency-Key: the-key",
        "Stripe-Version: 2026-10-28.endive",
        "Stripe-Account: acct_1",
        "Content-Type: application/x-www-form-urlencoded",
        "Authorization: Basic c2tfdGVzdF9wbGFudGVkOg==",
    ):
        assert line in lines


def test_a_get_carries_its_parameters_in_the_query_and_no_key() -> None:
    seen: list[bytes] = []

    def answer(connection: socket.socket, request: bytes) -> None:
        seen.append(request)
        connection.sendall(http(b"{}"))

    with serving(answer) as base:
        send(base, call=CALL.model_copy(update={"method": "GET", "body": "limit=3"}))
    assert seen[0].startswith(b"GET /v1/payment_intents?limit=3 HTTP/1.1")
    assert b"Idempotency-Key" not in seen[0]


def test_a_netrc_does_not_replace_the_key(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    seen: list[bytes] = []

    def answer(connection: socket.socket, request: bytes) -> None:
        seen.append(request)
        connection.sendall(http(b"{}"))

    with serving(answer) as base:
        send(base)
    assert b"Basic c2tfdGVzdF9wbGFudGVkOg==" in seen[0]


def test_a_refused_connection_never_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    found = send(f"http://127.0.0.1:{port}")
    assert isinstance(found, NoReply)
    assert found.never_left


def test_an_unknown_host_never_left() -> None:
    found = send("http://stripe.invalid")
    assert isinstance(found, NoReply)
    assert found.never_left


@pytest.mark.parametrize("answer", [b"this is no TLS at all\r\n\r\n", b""], ids=["text", "silence"])
def test_a_failed_handshake_never_left(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        base = f"https://127.0.0.1:{listener.getsockname()[1]}"
        done = threading.Event()

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)
                done.wait(5)

        thread = threading.Thread(target=serve)
        thread.start()
        found = send(base, read=0.3)
        done.set()
        thread.join()
    assert isinstance(found, NoReply)
    assert found.never_left


def test_no_answer_in_time_may_have_been_executed() -> None:
    released = threading.Event()
    with serving(lambda _s, _r: released.wait(5)) as base:
        found = send(base, read=0.1)
        released.set()
    assert isinstance(found, NoReply)
    assert not found.never_left


def test_a_connection_lost_after_the_request_may_have_been_executed() -> None:
    with serving(lambda _s, _r: None) as base:
        found = send(base)
    assert isinstance(found, NoReply)
    assert not found.never_left


def test_an_answer_cut_short_may_have_been_executed() -> None:
    with serving(lambda s, _: s.sendall(http(b"x" * 100)[:-50])) as base:
        found = send(base)
    assert isinstance(found, NoReply)
    assert not found.never_left


def test_an_answer_that_is_not_http_may_have_been_executed() -> None:
    with serving(lambda s, _: s.sendall(b"\x00\x01\x02\r\n\r\n")) as base:
        found = send(base)
    assert isinstance(found, NoReply)
    assert not found.never_left


def test_a_redirect_is_not_followed() -> None:
    with serving(
        lambda s, _: s.sendall(http(b"", "302 Found", "Location: http://127.0.0.1:1/\r\n"))
    ) as base:
        found = send(base)
    assert isinstance(found, Reply)
    assert found.status == 302


def test_an_answer_over_4_mb_is_not_read_on() -> None:
    def answer(connection: socket.socket, _: bytes) -> None:
        body = b"x" * (5 * 1024 * 1024)
        with suppress(OSError):  # the client has heard enough
            connection.sendall(http(body))

    with serving(answer) as base:
        found = send(base)
    assert isinstance(found, Reply)
    assert found.too_large


def test_an_answer_that_trickles_past_the_lease_is_left() -> None:
    left = threading.Event()

    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(http(b"x" * 1000)[:-1000])
        with suppress(OSError):
            while not left.wait(0.02):
                connection.sendall(b"y")

    with serving(answer) as base:
        began = time.monotonic()
        found = send(base, until=0.3)
        left.set()
    assert isinstance(found, NoReply)
    assert not found.never_left
    assert time.monotonic() - began < 10  # it would have trickled for 20 s


def test_an_answer_that_is_there_counts_also_after_the_lease() -> None:
    with serving(lambda s, _: s.sendall(http(b'{"id": "pi_1"}'))) as base:
        found = send(base, until=-1.0)
    assert isinstance(found, Reply)
    assert found.body == '{"id": "pi_1"}'


def test_an_answer_in_chunks_and_compressed_is_read() -> None:
    packed = gzip.compress(b'{"id": "pi_1"}')
    parts = b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in (packed[:9], packed[9:]))
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
    with serving(lambda s, _: s.sendall(head + parts + b"0\r\n\r\n")) as base:
        found = send(base)
    assert isinstance(found, Reply)
    assert found.body == '{"id": "pi_1"}'


def test_the_key_is_opened_late_and_what_that_raises_goes_through() -> None:
    def refuse() -> str:
        raise KeyError("no key here")

    client = StripeClient("http://127.0.0.1:1", connect_timeout=0.1, read_timeout=0.1)
    with pytest.raises(KeyError):
        client.send(CALL, "the-key", refuse, time.monotonic() + 1)


def exceptions_of(module: object, base: type[Exception]) -> list[type[Exception]]:
    return [
        found
        for _, found in inspect.getmembers(module, inspect.isclass)
        if issubclass(found, base) and not issubclass(found, Warning)
    ]


FOREIGN = exceptions_of(requests.exceptions, requests.RequestException) + exceptions_of(
    urllib3.exceptions, urllib3.exceptions.HTTPError
)


@pytest.mark.parametrize("kind", FOREIGN, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_exception_of_the_http_libraries_is_mapped_and_doubtful(
    kind: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    raised = kind.__new__(kind)

    def fail(*_: object, **__: object) -> requests.Response:
        raise raised

    monkeypatch.setattr(requests.Session, "send", fail)
    found = send("http://127.0.0.1:1")
    assert isinstance(found, NoReply)
    assert not found.never_left  # only an exception out of connect() is proof
    assert KEY not in found.reason


def test_the_mark_of_a_failed_connect_is_found_however_deep_it_lies() -> None:
    inner = OSError("refused")
    assert not never_left(requests.ConnectionError(inner))
    inner.never_left = True  # type: ignore[attr-defined]
    assert never_left(requests.ConnectionError(urllib3.exceptions.ProtocolError("x", inner)))
