"""Decisions in the Python API: `Run.cancel`, `Run.retry` and `Run.resolve`."""

from __future__ import annotations

import json
import time

import pytest

from stripe_flows.engine.errors import InputError, NotOpen, RunNotFound
from stripe_flows.engine.identity import root_id
from stripe_flows.engine.stripe.outcomes import Reply
from stripe_flows.tasks.api.run import Run
from tests.integration.charging import call_of, held, keys
from tests.integration.house import House
from tests.integration.test_claims import intent


def test_a_cancelled_run_begins_nothing_more(charging: House) -> None:
    run = charging.start()
    charging.step()
    assert run.cancel() == 1
    charging.play()
    assert (run.status(), charging.stripe.sent) == ("cancelled", [])
    with pytest.raises(NotOpen, match="has ended"):
        run.cancel()


def test_a_retry_keeps_the_key_unless_a_new_one_is_asked_for(charging: House) -> None:
    run = held(charging)
    again = run.retry(call_of(run))
    assert again != call_of(run)
    charging.play()
    assert (run.status(), keys(charging)) == ("succeeded", [call_of(run)] * 2)


def test_a_retry_with_a_new_key_is_another_request(charging: House) -> None:
    run = held(charging)
    again = run.retry(call_of(run), new_key=True)
    charging.play()
    assert (run.status(), keys(charging)) == ("succeeded", [call_of(run), again])


def test_a_failed_execution_runs_again_with_the_flows_of_now(house: House) -> None:
    house.flows(main="nope()")
    run = house.start()
    house.play()
    house.flows(main="print(2)")
    run.retry(root_id("default", run.id))
    house.play()
    assert (run.status(), run.output()) == ("succeeded", "2\n")


def test_a_held_call_is_resolved_with_the_object_that_it_made(charging: House) -> None:
    run = held(charging)
    retrieval = run.resolve(call_of(run), response="pi_7")
    charging.stripe.answers.append(intent())
    charging.play()
    assert run.status() == "succeeded"
    assert [event.status for event in run.history() if event.item == retrieval] == ["response"]


def test_an_object_that_does_not_fit_leaves_the_call_held_and_the_history_has_the_reason(
    charging: House,
) -> None:
    run = held(charging)
    retrieval = run.resolve(call_of(run), response="pi_7")
    charging.stripe.answers.append(intent(amount=447))
    charging.play()
    assert run.status() == "held"
    (refused,) = [event for event in run.history() if event.item == retrieval]
    assert refused.status == "refused"
    assert "4.47 USD" in (refused.error or "")


def test_what_cannot_be_compared_has_to_be_accepted(house: House) -> None:
    house.flows(
        main="session = new_checkout_session().mode('payment')\n"
        "session.line_items([{'price': 'price_1', 'quantity': 1}]).create_async()",
    )
    run = held(house)
    with pytest.raises(
        InputError, match=r"cannot be compared: line_items .*accept_uncompared=True"
    ):
        run.resolve(call_of(run), response="cs_1")
    run.resolve(call_of(run), response="cs_1", accept_uncompared=True)
    session = {"id": "cs_1", "object": "checkout.session", "mode": "payment"}
    house.stripe.answers.append(Reply(200, {}, json.dumps(session | {"created": int(time.time())})))
    house.play()
    assert run.status() == "succeeded"


def test_a_held_call_is_resolved_as_an_error(charging: House) -> None:
    run = held(charging)
    error_flow = run.resolve(call_of(run), error=True)
    charging.play()
    assert run.status() == "succeeded"
    assert [event.flow for event in run.history() if event.item == error_flow] == [
        "new_create_payment_intent_error"
    ]


@pytest.mark.parametrize("given", [{}, {"response": "pi_7", "error": True}])
def test_a_call_is_resolved_with_one_of_the_two(charging: House, given: dict[str, str]) -> None:
    run = held(charging)
    with pytest.raises(InputError, match=r"either response= .* or error=True"):
        run.resolve(call_of(run), **given)  # type: ignore[arg-type]


def test_only_what_is_held_or_failed_can_be_decided(charging: House) -> None:
    run = charging.start()
    charging.play()
    assert run.status() == "succeeded"
    for item_id, why in (
        (call_of(run), "is settled already"),
        ("nonsense", "has no step 'nonsense'"),
    ):
        with pytest.raises(NotOpen, match=why):
            run.resolve(item_id, error=True)
    with pytest.raises(NotOpen, match="neither held nor did it fail"):
        run.retry(call_of(run))


def test_an_execution_cannot_be_resolved(house: House) -> None:
    house.flows(main="nope()")
    run = house.start()
    house.play()
    with pytest.raises(NotOpen, match="is an execution, not a call"):
        run.resolve(root_id("default", run.id), error=True)


def test_a_run_that_was_never_started_cannot_be_decided_about(house: House) -> None:
    run = Run("never", house.services)
    for decide in (
        run.cancel,
        lambda: run.retry("c"),
        lambda: run.resolve("c", error=True),
        lambda: run.resolve("c", response="pi_7"),
    ):
        with pytest.raises(RunNotFound):
            decide()
