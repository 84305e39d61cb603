"""A person names the object that a held call made: it is compared, and only what fits goes on."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any, cast

import pytest
import redis

from stripe_flows.engine.errors import InputError, NotOpen
from stripe_flows.engine.identity import child_id, root_id
from stripe_flows.engine.stripe.outcomes import Reply
from stripe_flows.tasks.api.decide import (
    cancel_run,
    doubts_about,
    resolve_as_error,
    resolve_as_response,
    retry,
)
from stripe_flows.tasks.api.run import Run
from stripe_flows.tasks.attempt_end import Failed
from stripe_flows.tasks.events import Event
from stripe_flows.tasks.journal import makers
from stripe_flows.tasks.journal.keys import object_key, run_key
from tests.integration.charging import CHARGE, ERROR, RESPONSE, call_of, held, keys
from tests.integration.house import LOST, House, refusal

SAVED_500 = refusal(500, "x", idempotent_replayed="true")
ORDER = """
intent = new_payment_intent().amount(params["amount"]).currency("usd")
intent.metadata({"order": params["order"]}).create_async()
"""


def intent(object_id: str = "pi_7", **shown: Any) -> Reply:
    """Stripe's answer to the retrieval of a payment intent."""
    fields = {
        "id": object_id,
        "object": "payment_intent",
        "amount": 2000,
        "currency": "usd",
        "livemode": False,
        "created": int(time.time()),
        "metadata": {},
    }
    return Reply(200, {"Request-Id": "req_7"}, json.dumps(fields | shown))


def order(house: House, number: int, amount: int, *answers: Reply) -> Run:
    """A run that charges for an order, until nothing of it runs."""
    house.stripe.answers.extend(answers)
    params = {"order": str(number), "amount": amount}
    run = house.start(run=f"order-{number}", params=params)
    house.play()
    return run


def name(house: House, run: Run, object_id: str, answer: Reply, **accepted: Any) -> Event:
    """A person names an object, and a worker compares it. Returns the retrieval's last event."""
    house.stripe.answers.append(answer)
    step = resolve_as_response(house.services, run.id, call_of(run), object_id, **accepted)
    house.play()
    return [event for event in run.history() if event.item == step][-1]


def is_held(house: House, run: Run) -> bool:
    """Whether the call waits for a decision as before, and nothing continued."""
    (item,) = run.open_items()
    return run.status() == "held" and item.item == call_of(run) and run.output() == ""


@pytest.fixture
def ordering(house: House) -> House:
    house.flows(
        main=ORDER,
        new_create_payment_intent_response=RESPONSE,
        new_create_payment_intent_error=ERROR,
    )
    return house


def test_the_right_object_goes_on_with_the_response_flow(charging: House) -> None:
    run = held(charging)
    event = name(charging, run, "pi_7", intent())
    request = charging.stripe.sent[-1].call
    assert (request.method, request.path) == ("GET", "/v1/payment_intents/pi_7")
    assert (event.status, event.operation) == ("response", "retrieve_payment_intent")
    assert (run.status(), run.output()) == ("succeeded", "made pi_7 in 1\n")


def test_the_record_says_what_was_compared_and_the_call_has_its_answer(charging: House) -> None:
    run = held(charging)
    name(charging, run, "pi_7", intent())
    of_call = [event for event in run.history() if event.item == call_of(run)]
    named, answered, resolved = of_call[-3:]
    assert (named.status, named.error) == ("named", "pi_7")
    assert (answered.status, answered.object_id, answered.request_id) == (
        "response",
        "pi_7",
        "req_7",
    )
    assert resolved.error == (
        "pi_7; it fits in: kind, mode, the account, amount, currency, the time of creation"
    )


def test_order_47_is_not_settled_with_the_payment_of_another_amount(ordering: House) -> None:
    order(ordering, 42, 2000, Reply(200, {}, '{"id": "pi_42", "object": "payment_intent"}'))
    run = order(ordering, 47, 447, SAVED_500)
    # Given that the journal does not know whose it is: what was asked is compared.
    ordering.server.delete(object_key("pi_42"))
    event = name(ordering, run, "pi_42", intent("pi_42", metadata={"order": "42"}))
    assert event.status == "refused"
    assert (event.error or "").startswith(
        "pi_42 is of 20.00 USD; the call asked for 4.47 USD; "
        "its metadata order is 42; the call asked for 47; it fits in: kind, mode"
    )
    assert is_held(ordering, run)


def test_celery_sees_only_what_differs_and_no_customers_data(ordering: House) -> None:
    run = order(ordering, 47, 447, SAVED_500)
    name(ordering, run, "pi_9", intent("pi_9", metadata={"order": "jenny@example.com"}))
    assert ordering.ends[-1] == Failed("the object that was named is refused: amount, metadata")


def test_a_record_that_keeps_no_requests_names_only_what_differs(
    ordering: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = order(ordering, 47, 447, SAVED_500)
    store = ordering.services.store
    monkeypatch.setattr(store, "retention", replace(store.retention, details=False))
    event = name(ordering, run, "pi_9", intent("pi_9", metadata={"order": "jenny@example.com"}))
    assert (event.error or "").startswith("it differs in: amount, metadata; it fits in: kind")


def test_a_customer_for_a_payment_intent_is_refused_at_once(charging: House) -> None:
    run = held(charging)
    before = len(run.history())
    with pytest.raises(InputError, match="cus_9 is the id of a customer; create_payment_intent"):
        resolve_as_response(charging.services, run.id, call_of(run), "cus_9")
    assert len(run.history()) == before
    assert not charging.hints.hints


def test_an_object_of_another_kind_is_refused_by_what_stripe_answers(house: House) -> None:
    house.flows(main="new_coupon().percent_off(25).duration('once').create_async()")
    run = held(house)
    answer = Reply(200, {}, '{"id": "x_1", "object": "promotion_code", "livemode": false}')
    event = name(house, run, "x_1", answer, accepts_all=True)
    assert "x_1 is a promotion code; create_coupon answers with a coupon" in (event.error or "")
    assert is_held(house, run)


def test_an_object_of_the_other_mode_is_refused(charging: House) -> None:
    run = held(charging)
    event = name(charging, run, "pi_7", intent(livemode=True))
    assert "is of live mode; the call's key is of test mode" in (event.error or "")
    assert is_held(charging, run)


def test_an_object_from_before_the_first_sending_is_refused(charging: House) -> None:
    run = held(charging)
    event = name(charging, run, "pi_7", intent(created=int(time.time()) - 3600))
    assert "the call was first sent at" in (event.error or "")
    assert is_held(charging, run)


def test_an_object_that_another_runs_call_made_is_refused(ordering: House) -> None:
    made = intent("pi_42ab1", amount=447, metadata={"order": "47"})
    order(ordering, 42, 447, made)
    run = order(ordering, 47, 447, SAVED_500)
    with pytest.raises(
        InputError, match=r"pi_42ab1 was made by call \w+ \(create_payment_intent\)"
    ):
        resolve_as_response(ordering.services, run.id, call_of(run), "pi_42ab1")
    assert is_held(ordering, run)


def test_an_object_that_another_call_of_the_run_made_is_refused(charging: House) -> None:
    charging.flows(main=CHARGE * 2, new_create_payment_intent_response="print('made')")
    charging.stripe.answers.extend([SAVED_500, intent("pi_1abcd")])
    run = charging.start()
    charging.play()
    assert run.status() == "held"
    with pytest.raises(InputError, match="pi_1abcd was made by call"):
        resolve_as_response(charging.services, run.id, call_of(run), "pi_1abcd")


def test_an_object_that_settled_another_call_is_refused(ordering: House) -> None:
    first = order(ordering, 42, 447, SAVED_500)
    second = order(ordering, 47, 447, SAVED_500)
    name(ordering, first, "pi_42ab1", intent("pi_42ab1", amount=447, metadata={"order": "42"}))
    assert first.status() == "succeeded"
    with pytest.raises(InputError, match="of run 'order-42'"):
        resolve_as_response(ordering.services, second.id, call_of(second), "pi_42ab1")


def test_an_object_that_was_made_meanwhile_is_refused_by_the_worker(ordering: House) -> None:
    run = order(ordering, 47, 447, SAVED_500)
    step = resolve_as_response(ordering.services, run.id, call_of(run), "pi_42ab1")
    hint = ordering.hints.hints.popleft()
    made = intent("pi_42ab1", amount=447, metadata={"order": "47"})
    order(ordering, 42, 447, made)
    ordering.hints.publish([hint])
    ordering.stripe.answers.append(made)
    ordering.play()
    last = [event for event in run.history() if event.item == step][-1]
    assert last.status == "refused"
    assert (last.error or "").startswith("pi_42ab1 was made by call")
    assert is_held(ordering, run)


def test_a_run_that_only_read_or_changed_the_object_did_not_make_it(ordering: House) -> None:
    ordering.flows(
        reads="payment_intent('pi_7abcd').retrieve_async()",
        changes="payment_intent('pi_7abcd').description('x').update_async()",
    )
    for flow in ("reads", "changes"):
        ordering.stripe.answers.append(intent("pi_7abcd"))
        ordering.start(flow, run=flow)
        ordering.play()
    run = order(ordering, 47, 447, SAVED_500)
    answer = intent("pi_7abcd", amount=447, metadata={"order": "47"})
    assert name(ordering, run, "pi_7abcd", answer).status == "response"
    assert run.status() == "succeeded"


def test_an_object_that_very_many_runs_name_leaves_a_doubt(
    ordering: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(makers, "MAX_RUNS", 1)
    ordering.flows(reads="payment_intent('pi_7abcd').retrieve_async()")
    for number in range(2):
        ordering.stripe.answers.append(intent("pi_7abcd"))
        ordering.start("reads", run=f"reads-{number}")
        ordering.play()
    run = order(ordering, 47, 447, SAVED_500)
    (doubt,) = doubts_about(ordering.services, run.id, call_of(run), "pi_7abcd")
    assert doubt.name == "who else made it"
    answer = intent("pi_7abcd", amount=447, metadata={"order": "47"})
    assert name(ordering, run, "pi_7abcd", answer).status == "refused"
    assert name(ordering, run, "pi_7abcd", answer, accepts=[doubt]).status == "response"


def test_what_cannot_be_compared_is_refused_until_a_person_accepts_it(house: House) -> None:
    house.flows(
        main="s = new_checkout_session().mode('payment').customer('cus_1')\n"
        "s.line_items([{'price': 'price_1', 'quantity': 1}]).create_async()",
        new_create_checkout_session_response="print(parsed_data.id)",
    )
    run = held(house)
    session = {"id": "cs_1", "object": "checkout.session", "mode": "payment", "customer": "cus_1"}
    answer = Reply(200, {}, json.dumps(session | {"created": int(time.time())}))
    event = name(house, run, "cs_1", answer)
    assert "could not be compared: line_items (a checkout session does not show it)" in (
        event.error or ""
    )
    assert is_held(house, run)

    doubts = doubts_about(house.services, run.id, call_of(run), "cs_1")
    assert name(house, run, "cs_1", answer, accepts=doubts).status == "response"
    assert run.output() == "cs_1\n"
    assert (
        "accepted without comparison: line_items"
        in ([event.error or "" for event in run.history() if event.status == "resolved"][-1])
    )


def test_the_object_of_a_verb_is_the_one_in_the_calls_path(house: House) -> None:
    house.flows(main="refund('re_1').cancel_async()")
    run = held(house)
    with pytest.raises(InputError, match="the call is about re_1, not about re_2; the call stays"):
        resolve_as_response(house.services, run.id, call_of(run), "re_2")


def test_a_refused_object_leaves_the_call_its_own_key(charging: House) -> None:
    run = held(charging)
    name(charging, run, "pi_7", intent(amount=1))
    retry(charging.services, run.id, call_of(run), "same")
    charging.stripe.answers.append(intent())
    charging.play()
    assert keys(charging)[0] == keys(charging)[-1] == call_of(run)
    assert run.status() == "succeeded"


def test_after_a_refusal_another_object_can_be_named(charging: House) -> None:
    run = held(charging)
    name(charging, run, "pi_7", intent(amount=1))
    name(charging, run, "pi_7", intent(amount=2))
    name(charging, run, "pi_8", intent("pi_8"))
    assert (run.status(), run.output()) == ("succeeded", "made pi_8 in 1\n")


def test_while_one_object_is_compared_no_other_is_named(charging: House) -> None:
    run = held(charging)
    resolve_as_response(charging.services, run.id, call_of(run), "pi_7")
    with pytest.raises(NotOpen, match="is being compared already"):
        resolve_as_response(charging.services, run.id, call_of(run), "pi_8")
    charging.stripe.answers.append(intent())
    charging.play()
    with pytest.raises(NotOpen, match="settled already"):
        resolve_as_response(charging.services, run.id, call_of(run), "pi_8")
    assert run.output() == "made pi_7 in 1\n"


def test_an_object_that_stripe_does_not_have_leaves_the_call_held(charging: House) -> None:
    run = held(charging)
    event = name(charging, run, "pi_wrong", refusal(404, "resource_missing"))
    assert event.error == "Stripe has no pi_wrong for this key"
    assert is_held(charging, run)
    resolve_as_error(charging.services, run.id, call_of(run))
    charging.play()
    assert run.output() == "refused api_error resolved_as_error\n"


def test_an_object_that_cannot_be_retrieved_leaves_the_call_held(charging: House) -> None:
    run = held(charging)
    charging.stripe.answers.extend([LOST] * 3)
    step = resolve_as_response(charging.services, run.id, call_of(run), "pi_7")
    charging.play()
    last = [event for event in run.history() if event.item == step][-1]
    assert (last.status, (last.error or "")[:26]) == ("refused", "it could not be retrieved:")
    assert is_held(charging, run)


def test_a_call_that_was_settled_meanwhile_is_not_settled_again(charging: House) -> None:
    run = held(charging)
    resolve_as_response(charging.services, run.id, call_of(run), "pi_7")
    resolve_as_error(charging.services, run.id, call_of(run))
    charging.stripe.answers.append(intent())
    charging.play()
    assert run.output() == "refused api_error resolved_as_error\n"
    assert run.history()[-2].error == "the call was settled before the object was compared"
    assert run.status() == "succeeded"


def test_of_a_cancelled_run_the_object_is_compared_and_nothing_follows(charging: House) -> None:
    run = held(charging)
    cancel_run(charging.services, run.id)
    assert name(charging, run, "pi_7", intent(amount=1)).status == "refused"
    assert run.status() == "held"
    assert name(charging, run, "pi_7", intent()).status == "response"
    assert (run.status(), run.output()) == ("cancelled", "")


def test_a_key_that_was_replaced_since_has_to_be_accepted(
    charging: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = held(charging)
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_another")
    event = name(charging, run, "pi_7", intent())
    assert "could not be compared: the account (the Stripe key was replaced" in (event.error or "")
    assert name(charging, run, "pi_7", intent(), accepts_all=True).status == "response"


def test_a_worker_that_dies_while_it_compares_costs_nothing(charging: House) -> None:
    run = held(charging)
    charging.stripe.answers.append(intent())
    resolve_as_response(charging.services, run.id, call_of(run), "pi_7")
    (hint,) = charging.hints.hints
    charging.play()
    charging.hints.publish([hint])
    charging.play()
    assert (run.status(), run.output()) == ("succeeded", "made pi_7 in 1\n")
    assert charging.dropped[-1] == "closed"


def test_the_journal_keeps_nothing_of_a_claim_that_is_settled(
    charging: House, server: redis.Redis
) -> None:
    run = held(charging)
    name(charging, run, "pi_7", intent(amount=1))
    name(charging, run, "pi_7", intent())
    root = root_id("default", run.id)
    fields = {bytes(field).decode() for field in cast(list[bytes], server.hkeys(run_key(run.id)))}
    assert not [field for field in fields if len(field) >= len(root)]
    assert child_id(root, "call", 0) not in fields
