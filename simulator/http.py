"""Requests and what becomes of them, free of any HTTP library, so that tests can make them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One HTTP request. `headers` must find names in any case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An HTTP answer with a JSON body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer: the connection is kept until the client goes, at most `seconds`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Reset:
    """No answer: the connection is reset."""


HttpOutcome: TypeAlias = HttpResponse | Silence | Reset
