"""Which flow continues an answer, and what a continuation's name says."""

from __future__ import annotations

import pytest

from stripe_flows.engine.answer import AnswerKind
from stripe_flows.engine.continuation import (
    KINDS,
    ContinuationName,
    Continuations,
    continuation,
    continuation_name,
    flow_for,
)
from stripe_flows.engine.flow import FlowSet
from stripe_flows.engine.types import JSONValue


def continued(
    flows: FlowSet, operation: str, then: str | None, kind: AnswerKind, on_error: str | None = None
) -> str | None:
    return continuation(flows, operation, kind, then=then, on_error=on_error)


def test_a_bad_continuation_exists_and_no_default_takes_its_place() -> None:
    flows = FlowSet(
        {"default_error": "0" * 64},
        {"new_create_price_error": "it is not UTF-8", "new_create_price_unknown": "…"},
    )
    assert continued(flows, "create_price", None, "error") == "new_create_price_error"
    assert continued(flows, "create_price", None, "unknown") == "new_create_price_unknown"
    assert continued(flows, "create_customer", None, "error") == "default_error"


def test_a_continuation_is_thens_own_or_the_operations_or_the_default() -> None:
    sha = "0" * 64
    names = ["new_create_price_response", "default_response", "default_error", "default_unknown"]
    flows = FlowSet(dict.fromkeys([*names, "after_response"], sha))
    assert continued(flows, "create_price", "after", "response") == "after_response"
    assert continued(flows, "create_price", None, "response") == "new_create_price_response"
    assert continued(flows, "create_price", "other", "response") == "new_create_price_response"
    assert continued(flows, "create_price", "after", "error") == "default_error"
    assert continued(flows, "create_customer", None, "response") == "default_response"
    assert continued(FlowSet({}), "create_price", None, "response") is None


def test_on_error_comes_before_all_others_for_an_error_and_for_nothing_else() -> None:
    names = ["order_error", "order_response", "order_unknown", "after_error", "after_response"]
    flows = FlowSet(dict.fromkeys([*names, "default_error"], "0" * 64))

    operation = "create_price"
    assert continued(flows, operation, "after", "error", "order") == "order_error"
    assert continued(flows, operation, None, "error", "order") == "order_error"
    assert continued(flows, operation, "after", "response", "order") == "after_response"
    assert continued(flows, operation, None, "response", "order") is None
    assert continued(flows, operation, "after", "unknown", "order") is None
    assert continued(flows, operation, "after", "error", "gone") == "after_error"


def test_an_unknown_outcome_has_no_default() -> None:
    sha = "0" * 64
    flows = FlowSet({"default_unknown": sha, "new_create_price_unknown": sha})
    assert continued(flows, "create_customer", None, "unknown") is None
    assert continued(flows, "create_price", None, "unknown") == "new_create_price_unknown"


@pytest.mark.parametrize("kind", KINDS)
def test_an_operations_flow_is_read_back_from_its_name(kind: AnswerKind) -> None:
    named = continuation_name(flow_for("create_price", kind))
    assert named == ContinuationName("new_create_price", kind)
    assert named.operation == "create_price"


@pytest.mark.parametrize("flow", ["main", "response", "examples/checkout", "order_response_2"])
def test_a_flow_that_starts_a_run_is_not_a_continuation(flow: str) -> None:
    assert continuation_name(flow) is None


def test_a_continuation_under_a_name_of_its_own_is_for_no_operation() -> None:
    named = continuation_name("examples/order_error")
    assert named == ContinuationName("examples/order", "error")
    assert named.operation is None


@pytest.mark.parametrize(
    ("then", "fault"),
    [
        (None, None),
        ("signup", None),
        ("paid", None),
        ("flows/signup_response.py", "is given without folder and ending: then='signup'"),
        ("signup_error", "is given without folder and ending: then='signup'"),
        ("a b", "is not a flow's name"),
        ("singup", "names no flow: there is no flows/singup_response.py; did you mean 'signup'?"),
        (7, "must be the name of a flow without its ending, such as 'after_signup'"),
    ],
)
def test_then_has_to_lead_to_a_flow(then: JSONValue, fault: str | None) -> None:
    assert Continuations({"main", "signup_response", "paid_unknown"}).then_fault(then) == fault


@pytest.mark.parametrize(
    ("on_error", "fault"),
    [
        (None, None),
        ("order", None),
        ("order_error", "is given without folder and ending: on_error='order'"),
        ("signup", "names no flow: there is no flows/signup_error.py"),
        ("ordre", "names no flow: there is no flows/ordre_error.py; did you mean 'order'?"),
    ],
)
def test_on_error_has_to_lead_to_an_error_flow(on_error: JSONValue, fault: str | None) -> None:
    assert Continuations({"signup_response", "order_error"}).on_error_fault(on_error) == fault
