"""What a person decides about a call, and what follows from it."""

from __future__ import annotations

import pytest

from stripe_flows.engine.errors import InputError, NotOpen, RunFailed
from stripe_flows.engine.identity import root_id
from stripe_flows.engine.stripe.outcomes import Reply
from stripe_flows.tasks.api.decide import cancel_run, resolve_as_error, resolve_as_response, retry
from stripe_flows.tasks.journal.read import list_run_ids
from tests.integration.charging import CHARGE, RESPONSE, call_of, held, keys
from tests.integration.house import House, refusal


@pytest.mark.parametrize(
    ("call", "named", "path"),
    [
        ("refund('re_1').cancel_async()", "re_1", "/v1/refunds/re_1"),
        ("invoice('in_1').mark_uncollectible_async()", "in_1", "/v1/invoices/in_1"),
        (
            "new_customer_tax_id('cus_1').type('eu_vat').value('DE1').create()",
            "txi_7",
            "/v1/customers/cus_1/tax_ids/txi_7",
        ),
        ("test_helpers_issuing_card('ic_1').ship_async()", "ic_1", "/v1/issuing/cards/ic_1"),
        ("balance_settings().update_async()", "any_id", "/v1/balance_settings"),
    ],
)
def test_what_a_person_names_is_retrieved_by_its_own_path(
    house: House, call: str, named: str, path: str
) -> None:
    house.flows(main=call)
    run = held(house)
    house.stripe.answers.append(Reply(200, {}, "{}"))
    resolve_as_response(house.services, run.id, call_of(run), named, accepts_all=True)
    house.play()
    request = house.stripe.sent[-1].call
    assert (request.method, request.path) == ("GET", path)
    assert run.status() == "succeeded"


def test_a_stated_error_that_no_flow_handles_fails_the_run(house: House) -> None:
    house.flows(main=CHARGE)
    run = held(house)
    resolve_as_error(house.services, run.id, call_of(run))
    assert run.status() == "failed"
    assert list_run_ids(house.services.store, "failed") == [run.id]
    with pytest.raises(RunFailed):
        run.result()


def test_of_a_cancelled_run_nothing_follows_a_decision(charging: House) -> None:
    run = held(charging)
    cancel_run(charging.services, run.id)
    assert resolve_as_error(charging.services, run.id, call_of(run)) is None
    assert run.status() == "cancelled"


def test_a_failed_call_of_a_cancelled_run_is_not_tried_again(house: House) -> None:
    house.flows(main=CHARGE * 2)
    house.stripe.answers.append(refusal(400))
    run = house.start()
    house.step()
    house.step()
    cancel_run(house.services, run.id)
    with pytest.raises(NotOpen, match="was cancelled"):
        retry(house.services, run.id, call_of(run), "same")
    house.play()
    assert len(house.stripe.sent) == 1


def test_a_person_states_an_error_and_the_error_flow_goes_on(charging: House) -> None:
    run = held(charging)
    resolve_as_error(charging.services, run.id, call_of(run))
    charging.play()
    assert (run.status(), run.output()) == (
        "succeeded",
        "refused api_error resolved_as_error\n",
    )


def test_what_is_settled_cannot_be_settled_again(charging: House) -> None:
    run = held(charging)
    resolve_as_error(charging.services, run.id, call_of(run))
    with pytest.raises(NotOpen):
        resolve_as_response(charging.services, run.id, call_of(run), "pi_7")


def test_only_ids_are_taken_as_objects(charging: House) -> None:
    run = held(charging)
    with pytest.raises(InputError, match="not the id of a Stripe object"):
        resolve_as_response(charging.services, run.id, call_of(run), "../customers/cus_1")


def test_a_retry_with_the_same_key_asks_under_the_same_key(charging: House) -> None:
    run = held(charging)
    retry(charging.services, run.id, call_of(run), "same")
    charging.play()
    assert keys(charging) == [call_of(run)] * 2
    assert run.status() == "succeeded"


def test_a_retry_with_a_new_key_is_a_new_charge(charging: House) -> None:
    run = held(charging)
    again = retry(charging.services, run.id, call_of(run), "new_key")
    charging.play()
    assert keys(charging) == [call_of(run), again]
    assert run.status() == "succeeded"


def test_a_refused_call_that_failed_its_run_can_be_tried_again(house: House) -> None:
    house.flows(main=CHARGE, new_create_payment_intent_response=RESPONSE)
    house.stripe.answers.append(refusal(403))
    run = house.start()
    house.play()
    assert run.status() == "failed"
    retry(house.services, run.id, call_of(run), "same")
    assert run.status() == "running"
    house.play()
    assert (run.status(), run.output()) == ("succeeded", "made pi_1 in 1\n")


def test_a_script_that_failed_its_run_can_be_tried_again_with_the_flow_mended(house: House) -> None:
    house.flows(main="print(1)\nnope()")
    run = house.start()
    house.play()
    assert run.status() == "failed"
    house.flows(main="print(2)")
    retry(house.services, run.id, root_id("default", run.id), "same")
    house.play()
    assert (run.status(), run.output()) == ("succeeded", "1\n2\n")


def test_a_cancelled_run_sends_nothing_more(charging: House) -> None:
    run = charging.start()
    charging.step()
    cancel_run(charging.services, run.id)
    charging.play()
    assert run.status() == "cancelled"
    assert charging.stripe.sent == []
