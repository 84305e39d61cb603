"""The rule of continuations: which flow goes on with the answer to a call.

For an answer of a kind (`response`, `error`, `unknown`), the first of these flows that exists:

1. `<on_error>_error`, for an error only
2. `<then>_<kind>`
3. `new_<operation>_<kind>`
4. `default_<kind>`, but not for `unknown`: only a flow written for an outcome may decide about it

A flow whose file cannot be a script exists too: it fails when it is reached, and no other flow takes
its place.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property
from typing import NamedTuple

from .answer import Answer, AnswerKind
from .call import Call
from .flow import is_flow_name
from .nearest import nearest
from .scope import Answered, CallFacts
from .types import JSONValue

KINDS: tuple[AnswerKind, ...] = ("response", "error", "unknown")
DEFAULT = "default"


def flow_for(operation: str, kind: AnswerKind) -> str:
    """Return the name of the flow for an operation's answers: `new_create_price_response`."""
    return f"new_{operation}_{kind}"


def continuation(
    flows: Collection[str],
    operation: str,
    kind: AnswerKind,
    *,
    then: str | None,
    on_error: str | None,
) -> str | None:
    """Return the flow that continues a call with an answer of `kind`; None without one."""
    return next(
        (name for name in _candidates(operation, kind, then, on_error) if name in flows), None
    )


def _candidates(
    operation: str, kind: AnswerKind, then: str | None, on_error: str | None
) -> Iterator[str]:
    if on_error is not None and kind == "error":
        yield f"{on_error}_{kind}"
    if then is not None:
        yield f"{then}_{kind}"
    yield flow_for(operation, kind)
    if kind != "unknown":
        yield f"{DEFAULT}_{kind}"


def answered(
    call: Call, call_id: str, answer: Answer, *, attempts: int, operation: str | None = None
) -> Answered:
    """Return the answer with the facts of its call, as the continuation sees them.

    `operation`: the operation that the flow continues, if not that of the call.
    """
    facts = CallFacts(
        id=call_id,
        operation=operation or call.operation,
        request=call.request,
        attempts=attempts,
        http_status=answer.http_status,
        request_id=answer.request_id,
        path=call.path,
        then=call.then,
        on_error=call.on_error,
        stripe_account=call.stripe_account,
    )
    return Answered(kind=answer.kind, body=answer.body, call=facts)


class ContinuationName(NamedTuple):
    """The two halves of a continuation's name: `new_create_price` and `response`."""

    stem: str
    """The name for `then=` or `on_error=`, or `new_<operation>`, or `default`."""
    kind: AnswerKind
    """The kind of answer that the flow continues."""

    @property
    def operation(self) -> str | None:
        """The operation that the name is for; None if it is not for an operation."""
        return self.stem.removeprefix("new_") if self.stem.startswith("new_") else None


def continuation_name(flow: str) -> ContinuationName | None:
    """Return the halves of a flow's name; None for a flow that continues no call."""
    for kind in KINDS:
        if flow.endswith(f"_{kind}"):
            return ContinuationName(flow.removesuffix(f"_{kind}"), kind)
    return None


class Continuations:
    """The flows that `then=` and `on_error=` can name, and what is wrong with a name."""

    def __init__(self, flows: Collection[str]) -> None:
        self._flows = flows

    def has(self, then: str) -> bool:
        """Return whether a flow continues any kind of answer under this name."""
        return any(f"{then}_{kind}" in self._flows for kind in KINDS)

    def then_fault(self, then: JSONValue) -> str | None:
        """Return what is wrong with `then`, to be read after its name; None if nothing is."""
        if then is None:
            return None
        if not isinstance(then, str):
            return "must be the name of a flow without its ending, such as 'after_signup'"
        if self.has(then):
            return None
        # A flow's own name, or the path of its file, says which one is meant.
        plain = _without_folder(then)
        named = continuation_name(plain)
        stem = plain if named is None else named.stem
        if self.has(stem):
            return f"is given without folder and ending: then={stem!r}"
        if not is_flow_name(then):
            return "is not a flow's name"
        return f"names no flow: there is no flows/{then}_response.py{nearest(then, self._stems)}"

    def on_error_fault(self, on_error: JSONValue) -> str | None:
        """Return what is wrong with `on_error`, to be read after its name; None if nothing is."""
        if on_error is None:
            return None
        if not isinstance(on_error, str):
            return "must be the name of an error flow without its ending, such as 'order'"
        if f"{on_error}_error" in self._flows:
            return None
        stem = _without_folder(on_error).removesuffix("_error")
        if f"{stem}_error" in self._flows:
            return f"is given without folder and ending: on_error={stem!r}"
        if not is_flow_name(on_error):
            return "is not a flow's name"
        stems = [one.stem for one in self._names if one.kind == "error"]
        return f"names no flow: there is no flows/{on_error}_error.py{nearest(on_error, stems)}"

    @cached_property
    def _names(self) -> tuple[ContinuationName, ...]:
        named = map(continuation_name, self._flows)
        return tuple(one for one in named if one is not None)

    @property
    def _stems(self) -> frozenset[str]:
        return frozenset(one.stem for one in self._names)


def _without_folder(path: str) -> str:
    return path.removeprefix("flows/").removesuffix(".py")
