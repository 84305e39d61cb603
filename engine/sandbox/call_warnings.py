"""Warnings for suspicious calls, which are sent all the same."""

from __future__ import annotations

from collections.abc import Iterator

from stripe_flows.engine.continuation import Continuations
from stripe_flows.engine.stripe.catalog import Operation
from stripe_flows.engine.stripe.form import says_nothing
from stripe_flows.engine.stripe.path import id_warnings, reference_warnings
from stripe_flows.engine.stripe.prefixes import kind_of
from stripe_flows.engine.types import JSONObject, JSONValue

from .records import Recorded

_DISPATCHED = "_request_dispatched"


def call_warnings(
    record: Recorded, operation: Operation, request: JSONObject, continuations: Continuations
) -> Iterator[str]:
    """Yield the warnings for a call of a builder in which nothing is wrong, without the call's name."""
    yield from id_warnings(operation, record.ids)
    for name, value in request.items():
        if name != "metadata" and name not in record.unchecked:
            yield from reference_warnings(name, value, name)
    for name, value in record.request.items():
        if name != "metadata":
            yield from _lost(value, name)
    if isinstance(record.stripe_account, str):
        yield from reference_warnings("stripe_account", record.stripe_account, "stripe_account")
    named = (*zip(operation.path_parameters, record.ids, strict=True), *request.items())
    for name, value in named:
        if isinstance(value, str) and value.endswith(_DISPATCHED):
            yield (
                f"{name} is the string that a call returns at once; "
                "Stripe's answer comes to the flow that continues it, as parsed_data"
            )
    if record.idempotency_key is not None and operation.method != "POST":
        # Stripe API reference, "Idempotent requests": it has no effect on GET and DELETE.
        yield f"idempotency_key does nothing here: Stripe ignores it on a {operation.method}"
    yield from _worker(record.worker_id, continuations)


def _lost(value: JSONValue, path: str) -> Iterator[str]:
    """Yield warnings for values that are not sent because they hold only None."""
    if isinstance(value, dict):
        if value and says_nothing(value):
            yield f"{path} is left out: all that is in it is None"
            return
        for name, member in value.items():
            yield from _lost(member, f"{path}.{name}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            if says_nothing(member):
                yield f"{path}[{index}] is left out: nothing is in it"
            else:
                yield from _lost(member, f"{path}[{index}]")


def _worker(worker_id: JSONValue, continuations: Continuations) -> Iterator[str]:
    """Yield warnings for a `worker_id` that seems to be meant as something else."""
    if not isinstance(worker_id, str):
        return
    if continuations.has(worker_id):
        yield (
            f"worker_id {worker_id!r} is also where flows continue; is then={worker_id!r} meant?"
        )
    prefix, kind = kind_of(worker_id)
    if prefix is not None and any(c.isdigit() or c.isupper() for c in worker_id):
        yield (
            f"worker_id {worker_id!r} looks like the id of a {kind}; "
            "setters, before the verb, take what is to be sent"
        )
