"""Each operation of the catalog, from a script to the request that it becomes."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl

import pytest

from stripe_flows.engine.stripe.catalog import Operation, stripe_catalog
from tests.unit.engine.conftest import Run
from tests.unit.engine.filled import filled, pairs, path_of, script_of

pytestmark = pytest.mark.sweep

REACHED = [o for o in stripe_catalog().operations.values() if o.host == "api"]


def check(run: Run, operation: Operation, *, everything: bool) -> list[str]:
    """What is wrong with the call that a script makes of the operation."""
    request = filled(operation)
    if not everything:
        request = {name: value for name, value in request.items() if name in operation.required}
    done = run(script_of(operation, request))
    (call,) = done.calls
    meant = {
        "operation": operation.name,
        "method": operation.method,
        "path": path_of(operation),
        "request": request,
        "line": len(request) + 3,
    }
    wrong = [
        f"{name}: {getattr(call, name)!r}"
        for name, value in meant.items()
        if getattr(call, name) != value
    ]
    if parse_qsl(call.body, keep_blank_values=True, strict_parsing=bool(call.body)) != pairs(
        request
    ):
        wrong.append(f"body: {call.body}")
    if done.output != f"{operation.resource}_request_dispatched\n":
        wrong.append(f"output: {done.output}")
    return wrong


def test_each_operation_with_what_it_requires_becomes_the_request_that_was_meant(run: Run) -> None:
    wrong = {o.name: check(run, o, everything=False) for o in REACHED}
    assert {name: faults for name, faults in wrong.items() if faults} == {}
    assert len(wrong) == 556


def test_each_operation_with_all_its_parameters_becomes_the_request_that_was_meant(
    run: Run,
) -> None:
    wrong = {o.name: check(run, o, everything=True) for o in REACHED}
    assert {name: faults for name, faults in wrong.items() if faults} == {}
    assert sum(len(pairs(filled(o))) for o in REACHED) > 10000


def test_what_stripe_takes_on_another_host_is_refused_by_name(
    error_of: Callable[[str], str],
) -> None:
    assert error_of('\nnew_file().purpose("dispute_evidence").file("x").create_async()') == (
        "flows/main.py:2: new_file() is not reached: Stripe takes it on another host, "
        "as multipart or binary data"
    )
    assert "quote().pdf_async() is not reached" in error_of('quote("qt_1").pdf_async()')
    assert "new_v2_core_account(): Stripe's API v2 is not reached, only v1" in error_of(
        "new_v2_core_account()"
    )
