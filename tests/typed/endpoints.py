"""The services of the `stripe` package: for each of our operations the method that stands for it,
the type of its parameters, and the request that the package itself would send.

Nothing of catalog.json or of its maker is used, so that the two can be held against each other.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from stripe import HTTPClient, StripeClient

from stripe_flows.engine.stripe.catalog import Operation, stripe_catalog

KEY = "sk_test_oracle"

_PARAMS = re.compile(r"\w+Params\b")


@dataclass(frozen=True)
class Sent:
    """A request as it goes out. `form` is its body, or its query if it has no body."""

    method: str
    path: str
    form: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Endpoint:
    """One method of one service. `ids`: how many its path takes; `params`: the TypedDict of its
    parameters, None if it takes none."""

    call: Callable[..., object]
    ids: int
    params: Any

    def send(self, ids: Sequence[str], params: Mapping[str, object], **options: str | None) -> Sent:
        """The request that the package would send."""
        given = {"params": dict(params)} if self.params is not None else {}
        self.call(*ids, **given, options=options)
        return _recorder().sent


def endpoint_of(operation: Operation) -> Endpoint:
    """The method of the package that asks for the same thing."""
    return _endpoints()[operation.resource, operation.method, _numbered(operation.path)]


def reached() -> list[Operation]:
    """The operations that a script can call."""
    return [one for one in stripe_catalog().operations.values() if one.host == "api"]


class _Recorder(HTTPClient):
    """In place of the network: keeps the request that was made last."""

    name = "recorder"
    sent: Sent

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        parts = urlsplit(url)
        form = post_data if method == "post" else parts.query
        self.sent = Sent(method.upper(), parts.path, form, dict(headers or {}))
        return '{"object": "any"}', 200, {}

    def request_stream(self, *given: Any, **named: Any) -> Any:
        return self.request(*given, **named)

    def close(self) -> None:
        pass


@cache
def _recorder() -> _Recorder:
    return _Recorder()


@cache
def _endpoints() -> Mapping[tuple[str, str, str], Endpoint]:
    found: dict[tuple[str, str, str], Endpoint] = {}
    for service in _services(StripeClient(KEY, http_client=_recorder()).v1):
        module = sys.modules[type(service).__module__]
        words = module.__name__.removesuffix("_service").split(".")[1:]
        resource = "_".join(word.lstrip("_") for word in words)
        for name, function in inspect.getmembers(type(service), inspect.isfunction):
            if name.startswith("_") or name.endswith("_async"):
                continue
            names = list(inspect.signature(function).parameters)
            ids = len([one for one in names if one not in ("self", "params", "options")])
            params = _params(module, function) if "params" in names else None
            endpoint = Endpoint(getattr(service, name), ids, params)
            sent = endpoint.send([f"_{number}_" for number in range(ids)], {})
            assert found.setdefault((resource, sent.method, sent.path), endpoint) is endpoint
    return found


def _services(service: object) -> Iterator[object]:
    """The service and those within it."""
    yield service
    for name in getattr(sys.modules[type(service).__module__], "_subservices", {}):
        yield from _services(getattr(service, name))


def _params(module: Any, function: Callable[..., object]) -> Any:
    # The services name the types for type checkers only; where they are is read from the import.
    found = _PARAMS.search(str(inspect.signature(function).parameters["params"].annotation))
    assert found is not None
    for node in ast.walk(_tree(module.__name__)):
        if isinstance(node, ast.ImportFrom) and any(a.name == found[0] for a in node.names):
            return getattr(importlib.import_module(str(node.module)), found[0])
    raise AssertionError(f"{found[0]} is not imported")


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse(inspect.getsource(sys.modules[module]))


def _numbered(path: str) -> str:
    number = iter(range(path.count("{")))
    return re.sub(r"\{\w+\}", lambda _: f"_{next(number)}_", path)
