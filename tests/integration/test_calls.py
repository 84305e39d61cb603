"""What becomes of a call, for every kind of answer: one continuation, another attempt, or held."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from stripe_flows.engine.errors import InputError, NotOpen, RunFailed
from stripe_flows.engine.identity import child_id, root_id
from stripe_flows.engine.stripe.outcomes import Reply
from stripe_flows.tasks.decisions import (
    cancel_run,
    resolve_as_error,
    resolve_as_response,
    retry,
)
from stripe_flows.tasks.ends import Done, Failed, PutOff
from stripe_flows.tasks.journal.read import list_run_ids
from stripe_flows.tasks.run import Run
from stripe_flows.tasks.sealing import new_key
from stripe_flows.tasks.secrets import seal_literal
from stripe_flows.tasks.send_request import send_request
from tests.everything import everything_in
from tests.integration.house import LOST, OK, REFUSED_CONNECTION, House, refusal

CHARGE = 'new_payment_intent().amount(2000).currency("usd").create_async()\n'
RESPONSE = 'print(f"made {parsed_data.id} in {call.attempts}")'
ERROR = "print(f\"refused {parsed_error.error.type} {parsed_error.error.get('code')}\")"


@pytest.fixture
def charging(house: House) -> House:
    house.flows(
        main=CHARGE,
        new_create_payment_intent_response=RESPONSE,
        new_create_payment_intent_error=ERROR,
    )
    return house


def call_of(run: Run) -> str:
    """The id of the first call of the run's first execution."""
    return child_id(root_id("default", run.id), "call", 0)


def keys(house: House) -> list[str]:
    return [sent.idempotency_key for sent in house.stripe.sent]


def statuses(run: Run) -> list[str]:
    return [event.status for event in run.history() if event.kind == "call"]


def test_a_response_runs_the_response_flow_once(charging: House) -> None:
    run = charging.start()
    charging.play()
    assert (run.status(), run.output()) == ("succeeded", "made pi_1 in 1\n")


def test_a_call_goes_out_under_its_id_as_idempotency_key(charging: House) -> None:
    run = charging.start()
    charging.play()
    (sent,) = charging.stripe.sent
    assert sent.idempotency_key == call_of(run)
    assert (sent.call.method, sent.call.path) == ("POST", "/v1/payment_intents")
    assert (sent.call.body, sent.stripe_key) == ("amount=2000&currency=usd", "sk_test_ofthehouse")


def test_a_decline_runs_the_error_flow_and_the_run_succeeds(charging: House) -> None:
    body = json.dumps({"error": {"type": "card_error", "code": "card_declined", "message": "no"}})
    charging.stripe.answers.append(Reply(402, {}, body))
    run = charging.start()
    charging.play()
    assert (run.status(), run.output()) == ("succeeded", "refused card_error card_declined\n")
    assert [type(end) for end in charging.ends] == [Done, Failed, Done]


def test_an_error_without_a_flow_fails_the_run_visibly(house: House) -> None:
    house.flows(main=CHARGE)
    house.stripe.answers.append(refusal(400))
    run = house.start()
    house.play()
    assert run.status() == "failed"
    assert list_run_ids(house.parts.store, "failed") == [run.id]
    assert "code=some_code" in (run.history()[-1].error or "")


def test_a_response_without_a_flow_ends_its_branch_quietly(house: House) -> None:
    house.flows(main=CHARGE)
    run = house.start()
    house.play()
    assert run.status() == "succeeded"


def test_the_default_flows_stand_in(house: House) -> None:
    house.flows(main=CHARGE, default_response='print("default", call.operation)')
    run = house.start()
    house.play()
    assert run.output() == "default create_payment_intent\n"


def test_a_lost_answer_is_asked_for_again_under_the_same_key(charging: House) -> None:
    charging.stripe.answers += [LOST, OK]
    run = charging.start()
    charging.play()
    assert run.output() == "made pi_1 in 2\n"
    assert keys(charging) == [call_of(run)] * 2
    assert isinstance(charging.ends[1], PutOff)


def test_a_refusal_after_a_lost_answer_runs_no_error_flow(charging: House) -> None:
    charging.stripe.answers += [LOST, refusal(401), OK]
    run = charging.start()
    charging.play()
    assert run.output() == "made pi_1 in 3\n"
    assert statuses(run) == ["put_off", "put_off", "response"]


def test_after_the_last_attempt_a_call_counts_as_held_and_is_still_asked(charging: House) -> None:
    charging.stripe.answers += [LOST] * 6
    run = charging.start()
    charging.drain()
    for _ in range(2):
        charging.later()
        charging.drain()
    assert run.status() == "held"
    assert list_run_ids(charging.parts.store, "held") == [run.id]
    charging.play()
    assert run.output() == "made pi_1 in 7\n"
    assert run.status() == "succeeded"


def test_what_never_left_on_every_attempt_is_an_error(charging: House) -> None:
    charging.stripe.answers += [REFUSED_CONNECTION] * 3
    run = charging.start()
    charging.play()
    assert run.output() == "refused api_connection_error None\n"


def test_one_attempt_that_may_have_left_makes_it_held(charging: House) -> None:
    charging.stripe.answers += [LOST, REFUSED_CONNECTION, REFUSED_CONNECTION]
    run = charging.start()
    charging.drain()
    for _ in range(2):
        charging.later()
        charging.drain()
    assert run.status() == "held"


def test_too_many_requests_to_the_end_are_an_error(charging: House) -> None:
    charging.stripe.answers += [refusal(429, "rate_limit")] * 3
    run = charging.start()
    charging.play()
    assert run.output() == "refused invalid_request_error rate_limit\n"


def test_a_key_in_flight_never_uses_the_attempts_up(charging: House) -> None:
    charging.stripe.answers += [refusal(409, "idempotency_key_in_use")] * 10
    run = charging.start()
    charging.play()
    assert run.output() == "made pi_1 in 11\n"
    assert "held" not in statuses(run)


def test_a_saved_500_is_held_and_not_asked_again(charging: House) -> None:
    charging.stripe.answers.append(refusal(500, "x", idempotent_replayed="true"))
    run = charging.start()
    charging.play()
    assert run.status() == "held"
    assert len(charging.stripe.sent) == 1
    assert run.output() == ""


def test_a_flow_for_the_unknown_runs_instead_of_holding(charging: House) -> None:
    charging.flows(new_create_payment_intent_unknown='print("unknown", call.id)')
    charging.stripe.answers.append(refusal(500, "x", idempotent_replayed="true"))
    run = charging.start()
    charging.play()
    assert (run.status(), run.output()) == ("succeeded", f"unknown {call_of(run)}\n")


def test_a_refusal_that_proves_nothing_ends_as_held_and_not_in_silence(charging: House) -> None:
    charging.stripe.answers += [LOST, *[refusal(401)] * 5]
    run = charging.start()
    charging.drain()
    for _ in range(2):
        charging.later()
        charging.drain()
    assert run.status() == "held"
    assert len(charging.stripe.sent) == 3
    charging.play()
    assert run.output() == "made pi_1 in 7\n"


# --- persons ---------------------------------------------------------------------------------------


def held(house: House) -> Run:
    house.stripe.answers.append(refusal(500, "x", idempotent_replayed="true"))
    run = house.start()
    house.play()
    assert run.status() == "held"
    return run


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
    resolve_as_response(house.parts, call_of(run), named)
    house.play()
    request = house.stripe.sent[-1].call
    assert (request.method, request.path) == ("GET", path)
    assert run.status() == "succeeded"


def test_a_person_names_the_object_and_its_response_flow_goes_on(charging: House) -> None:
    run = held(charging)
    decided = resolve_as_response(charging.parts, call_of(run), "pi_7")
    assert decided.run == run.id
    charging.play()
    request = charging.stripe.sent[-1].call
    assert (request.method, request.path) == ("GET", "/v1/payment_intents/pi_7")
    assert (run.status(), run.output()) == ("succeeded", "made pi_1 in 1\n")


def test_an_object_that_stripe_does_not_have_leaves_the_call_held(charging: House) -> None:
    run = held(charging)
    charging.stripe.answers.append(refusal(404, "resource_missing"))
    decided = resolve_as_response(charging.parts, call_of(run), "pi_wrong")
    charging.play()
    assert (run.status(), run.output()) == ("held", "")
    resolve_as_error(charging.parts, decided.item or "")
    charging.play()
    assert run.output() == "refused api_error resolved_as_error\n"


def test_a_second_decision_with_another_object_is_refused(charging: House) -> None:
    run = held(charging)
    resolve_as_response(charging.parts, call_of(run), "pi_right")
    with pytest.raises(NotOpen, match="settled already"):
        resolve_as_response(charging.parts, call_of(run), "pi_other", run=run.id)
    charging.play()
    assert [sent.call.path for sent in charging.stripe.sent[1:]] == ["/v1/payment_intents/pi_right"]


def test_a_stated_error_that_no_flow_handles_fails_the_run(house: House) -> None:
    house.flows(main=CHARGE)
    run = held(house)
    resolve_as_error(house.parts, call_of(run))
    assert run.status() == "failed"
    assert list_run_ids(house.parts.store, "failed") == [run.id]
    with pytest.raises(RunFailed):
        run.result()


def test_of_a_cancelled_run_nothing_follows_a_decision(charging: House) -> None:
    run = held(charging)
    cancel_run(charging.parts, run.id)
    assert resolve_as_error(charging.parts, call_of(run)).item is None
    assert run.status() == "cancelled"


def test_a_failed_call_of_a_cancelled_run_is_not_tried_again(house: House) -> None:
    house.flows(main=CHARGE * 2)
    house.stripe.answers.append(refusal(400))
    run = house.start()
    house.step()
    house.step()
    cancel_run(house.parts, run.id)
    with pytest.raises(NotOpen, match="was cancelled"):
        retry(house.parts, call_of(run), "same")
    house.play()
    assert len(house.stripe.sent) == 1


def test_a_person_states_an_error_and_the_error_flow_goes_on(charging: House) -> None:
    run = held(charging)
    resolve_as_error(charging.parts, call_of(run))
    charging.play()
    assert (run.status(), run.output()) == (
        "succeeded",
        "refused api_error resolved_as_error\n",
    )


def test_what_is_settled_cannot_be_settled_again(charging: House) -> None:
    run = held(charging)
    resolve_as_error(charging.parts, call_of(run))
    with pytest.raises(NotOpen):
        resolve_as_response(charging.parts, call_of(run), "pi_7", run=run.id)


def test_only_ids_are_taken_as_objects(charging: House) -> None:
    run = held(charging)
    with pytest.raises(InputError, match="not the id of a Stripe object"):
        resolve_as_response(charging.parts, call_of(run), "../customers/cus_1")


def test_a_retry_with_the_same_key_asks_under_the_same_key(charging: House) -> None:
    run = held(charging)
    retry(charging.parts, call_of(run), "same")
    charging.play()
    assert keys(charging) == [call_of(run)] * 2
    assert run.status() == "succeeded"


def test_a_retry_with_a_new_key_is_a_new_charge(charging: House) -> None:
    run = held(charging)
    decided = retry(charging.parts, call_of(run), "new_key")
    charging.play()
    assert keys(charging) == [call_of(run), decided.item]
    assert run.status() == "succeeded"


def test_a_refused_call_that_failed_its_run_can_be_tried_again(house: House) -> None:
    house.flows(main=CHARGE, new_create_payment_intent_response=RESPONSE)
    house.stripe.answers.append(refusal(401))
    run = house.start()
    house.play()
    assert run.status() == "failed"
    retry(house.parts, call_of(run), "same")
    assert run.status() == "running"
    house.play()
    assert (run.status(), run.output()) == ("succeeded", "made pi_1 in 1\n")


def test_a_script_that_failed_its_run_can_be_tried_again_with_the_flow_mended(house: House) -> None:
    house.flows(main="print(1)\nnope()")
    run = house.start()
    house.play()
    assert run.status() == "failed"
    house.flows(main="print(2)")
    retry(house.parts, root_id("default", run.id), "same")
    house.play()
    assert (run.status(), run.output()) == ("succeeded", "1\n2\n")


def test_a_cancelled_run_sends_nothing_more(charging: House) -> None:
    run = charging.start()
    charging.step()
    cancel_run(charging.parts, run.id)
    charging.play()
    assert run.status() == "cancelled"
    assert charging.stripe.sent == []


# --- keys ------------------------------------------------------------------------------------------


def test_a_call_whose_key_the_worker_lacks_is_put_off_and_says_so(
    charging: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STRIPE_SECRET_KEY")
    run = charging.start()
    charging.drain()
    assert run.status() == "running"
    assert "STRIPE_SECRET_KEY is not set on this worker" in (run.history()[-1].error or "")
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_late")
    charging.play()
    assert run.status() == "succeeded"


def test_a_live_key_is_not_sent_where_it_is_not_allowed(
    charging: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_live_real")
    run = charging.start()
    charging.drain()
    assert charging.stripe.sent == []
    assert "STRIPE_FLOWS_ALLOW_LIVE" in (run.history()[-1].error or "")
    assert "sk_live_real" not in str(run.history())


def test_a_key_that_was_rolled_between_attempts_holds_the_call(
    charging: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    charging.stripe.answers.append(LOST)
    run = charging.start()
    charging.drain()
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_rolled")
    charging.play()
    assert run.status() == "held"
    assert len(charging.stripe.sent) == 1
    assert "key_rolled" in (run.history()[-1].error or "")


def test_a_retry_after_the_key_was_rolled_sends_nothing_to_another_account(
    charging: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    charging.stripe.answers.append(LOST)
    run = charging.start()
    charging.drain()
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_rolled")
    charging.play()
    retry(charging.parts, call_of(run), "same")
    charging.play()
    assert run.status() == "held"
    assert [sent.stripe_key for sent in charging.stripe.sent] == ["sk_test_ofthehouse"]


def test_an_attempt_without_a_key_is_no_first_sending(
    charging: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STRIPE_SECRET_KEY")
    run = charging.start()
    charging.drain()
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_first")
    charging.stripe.answers.append(LOST)
    charging.later()
    charging.drain()
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_rolled")
    charging.play()
    assert run.status() == "held"
    assert [sent.stripe_key for sent in charging.stripe.sent] == ["sk_test_first"]


def test_a_call_that_never_had_a_key_can_be_cancelled(
    charging: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STRIPE_SECRET_KEY")
    run = charging.start()
    charging.drain()
    assert run.stuck() == (
        "create_payment_intent is put off: the variable STRIPE_SECRET_KEY is not set on this worker"
    )
    assert cancel_run(charging.parts, run.id) == 1
    assert run.status() == "cancelled"


def test_a_worker_that_cannot_open_a_call_leaves_it_as_it_was(charging: House) -> None:
    run = charging.start()
    charging.step()
    stranger = replace(charging.parts, store=charging.store_with(new_key()))
    hint = charging.hints.hints[0]
    end = send_request(stranger, hint.run, hint.item, hint.at, hint.queue)
    assert isinstance(end, PutOff)
    assert "cannot be opened" in end.reason
    charging.play()
    assert (run.status(), run.output()) == ("succeeded", "made pi_1 in 2\n")
    assert charging.stripe.sent[0].idempotency_key == call_of(run)


def test_a_sealed_key_is_opened_only_for_the_sending(charging: House) -> None:
    sealed = seal_literal("sk_test_sealed", charging.parts.sealer, allow_live=False)
    assert "sk_test_sealed" not in repr(sealed)
    charging.start(secret=sealed)
    charging.play()
    assert charging.stripe.sent[0].stripe_key == "sk_test_sealed"


def test_a_key_that_stands_in_a_script_is_sealed_with_its_call(charging: House) -> None:
    source = (
        'new_payment_intent().amount(2000).currency("usd")'
        '.create_async("worker-1", "context-1", "sk_test_literal")'
    )
    charging.flows(main=source)
    charging.start()
    charging.step()
    found = everything_in(charging.server)
    assert b"create_payment_intent" in found
    assert b"sk_test_literal" not in found
    charging.play()
    assert charging.stripe.sent[0].stripe_key == "sk_test_literal"
    assert b"sk_test_literal" not in everything_in(charging.server)
