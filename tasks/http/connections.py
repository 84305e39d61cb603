"""Connections that mark the failures which happened before the first byte of a request was sent.

`requests` raises the same "connection error" for a refused connection and for one that broke after
Stripe had charged. The difference decides whether an error flow may run. An exception raised by
`connect()` (name lookup, TCP, TLS handshake) is certain to come before the request is written.
"""

from __future__ import annotations

from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_MARK = "never_left"


class _Connection(HTTPConnection):
    def connect(self) -> None:
        try:
            super().connect()
        except Exception as error:
            setattr(error, _MARK, True)
            raise


class _TLSConnection(HTTPSConnection):
    def connect(self) -> None:
        try:
            super().connect()
        except Exception as error:
            setattr(error, _MARK, True)
            raise


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


class TellingAdapter(HTTPAdapter):
    """An adapter without retries, whose failures `never_left` can read."""

    def __init__(self, connections: int) -> None:
        super().__init__(pool_connections=4, pool_maxsize=connections, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}


def never_left(error: BaseException) -> bool:
    """Return whether `connect()` raised the failure, so that no byte of the request was sent."""
    seen: set[int] = set()
    todo: list[object] = [error]
    while todo:
        one = todo.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        if getattr(one, _MARK, False):
            return True
        # urllib3 keeps the first error as `reason` or as the cause, requests keeps urllib3's as an
        # argument. (The context does not count: it may be any error that was being handled.)
        todo += [getattr(one, "reason", None), one.__cause__, *one.args]
    return False
