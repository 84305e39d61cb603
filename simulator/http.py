"""HTTP requests and responses without an HTTP library, so that tests can create them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One HTTP request. `headers` must ignore the case of names."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An HTTP response with a JSON body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Silence:
    """No response: the connection stays open until the client closes it, at most `seconds`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Reset:
    """No response: the connection is reset."""


HttpOutcome: TypeAlias = HttpResponse | Silence | Reset
