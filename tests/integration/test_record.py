"""What the record of a run keeps, for how much room, and that it says all that follows from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import pytest
import redis

from stripe_flows.engine.identity import child_id, root_id
from stripe_flows.engine.stripe.outcomes import Reply
from stripe_flows.tasks.api.decide import retry
from stripe_flows.tasks.api.run import Run
from stripe_flows.tasks.journal.store import Store
from tests.everything import everything_in
from tests.integration.charging import call_of
from tests.integration.house import House

SIGNUP = {
    "welcome": 'customer = new_customer().email(params["email"]).name("Jenny Rosen")\n'
    'print(customer.create_async(then="welcome"))',
    "welcome_response": 'print(f"customer {parsed_data.id}")\n'
    'intent = new_payment_intent().amount(2000).currency("usd").customer(parsed_data.id)\n'
    'intent.create_async(then="welcome_paid")',
    "welcome_paid_response": 'print(f"{parsed_data.id} is {parsed_data.status}")',
}
DECLINED = {
    "type": "card_error",
    "code": "card_declined",
    "decline_code": "insufficient_funds",
    "message": "Your card, Jenny, has insufficient funds.",
}


def reply(number: int, body: Mapping[str, object], status: int = 200) -> Reply:
    return Reply(status, {"Request-Id": f"req_Kp3xNq8Tr{number:05d}"}, json.dumps(body))


def signed_up(house: House, number: int = 1) -> Run:
    """A run of two ordinary calls, a customer and a payment."""
    customer = f"cus_T9vKq2mX4b{number:04d}"
    made = {
        "id": f"pi_3SabcD4efGh5IjK6lMn{number:04d}",
        "object": "payment_intent",
        "amount": 2000,
        "amount_received": 2000,
        "currency": "usd",
        "customer": customer,
        "livemode": False,
        "status": "succeeded",
    }
    house.flows(**SIGNUP)
    house.stripe.answers.extend(
        [
            reply(2 * number, {"id": customer, "object": "customer", "livemode": False}),
            reply(2 * number + 1, made),
        ]
    )
    run = house.start("welcome", run=f"order-{number}", params={"email": "jenny@example.com"})
    house.play()
    assert run.status() == "succeeded"
    return run


def taken(server: redis.Redis) -> int:
    """The bytes of all keys, as the server counts them."""
    return sum(int(server.memory_usage(key, samples=0) or 0) for key in server.keys("*"))


def test_a_finished_run_of_two_calls_takes_less_than_two_kilobytes(
    house: House, server: redis.Redis
) -> None:
    signed_up(house, 1)
    before = taken(server)
    for number in range(2, 12):
        signed_up(house, number)
    assert (taken(server) - before) / 10 < 2000


def test_the_record_keeps_what_was_asked_and_what_stripe_said(house: House) -> None:
    run = signed_up(house)
    start, *_ = run.history()
    assert start.params == {"email": "jenny@example.com"}
    customer, intent = [event for event in run.history() if event.kind == "call"]
    assert customer.request is not None
    assert customer.request.parameters == {"email": "jenny@example.com", "name": "Jenny Rosen"}
    assert (customer.request.method, customer.request.path) == ("POST", "/v1/customers")
    assert intent.answer is not None
    assert intent.answer.model_dump(exclude_defaults=True) == {
        "object": "payment_intent",
        "status": "succeeded",
        "amounts": {"amount": 2000, "amount_received": 2000},
        "currency": "usd",
        "livemode": False,
    }


def test_stripes_own_message_is_kept_sealed(house: House, server: redis.Redis) -> None:
    house.flows(**SIGNUP)
    house.stripe.answers.append(reply(1, {"error": DECLINED}, 402))
    run = house.start("welcome", params={"email": "jenny@example.com"})
    house.play()
    (refused,) = [event for event in run.history() if event.kind == "call"]
    assert refused.answer is not None
    assert refused.answer.message == DECLINED["message"]
    assert "Jenny" not in (refused.error or "")
    assert b"Jenny" not in everything_in(server)


def test_a_setting_leaves_all_of_it_out(house: House) -> None:
    store = house.services.store
    retention = replace(store.retention, details=False)
    house.services = replace(house.services, store=Store(store.url, store.sealer, retention))
    run = signed_up(house)
    for event in run.history():
        assert (event.request, event.answer, event.params) == (None, None, None)
    assert run.state().meta.flow == "welcome"


def test_no_card_and_no_key_is_kept_though_a_flow_passes_them(house: House) -> None:
    house.flows(
        main='card = {"number": params["card"]["number"], "cvc": "987", "exp_month": 12, '
        '"exp_year": 2034}\n'
        'new_payment_method().type("card").card(card)'
        '.metadata({"note": "sk_test_planted"}).create_async()'
    )
    card = {"number": "4242424242424242", "cvc": "987"}
    run = house.start(params={"card": card})
    house.play()
    assert house.stripe.sent[0].call.request["card"]["number"] == card["number"]  # type: ignore[index, call-overload]
    kept = "\n".join(event.model_dump_json() for event in run.history())
    assert '"number":"••• 4242"' in kept
    for secret in ("42424242", "987", "planted"):
        assert secret not in kept


def test_a_request_is_not_repeated_for_each_attempt(house: House) -> None:
    house.flows(main=SIGNUP["welcome"].replace('then="welcome"', ""))
    house.stripe.answers.extend([reply(n, {}, 503) for n in range(2)])
    run = house.start(params={"email": "jenny@example.com"})
    house.play()
    calls = [event for event in run.history() if event.kind == "call"]
    assert [(event.status, event.request is not None) for event in calls] == [
        ("put_off", True),
        ("put_off", False),
        ("response", True),
    ]


def test_what_follows_from_earlier_lines_is_filled_in(house: House, server: redis.Redis) -> None:
    run = signed_up(house)
    root = root_id("default", run.id)
    customer = child_id(root, "call", 0)
    response = child_id(customer, "continuation", 0)
    intent = child_id(response, "call", 0)
    paid = child_id(intent, "continuation", 0)
    assert [(e.item, e.parent, e.flow, e.operation) for e in run.history()] == [
        (root, None, "welcome", None),
        (root, None, "welcome", None),
        (customer, root, "welcome", "create_customer"),
        (response, customer, "welcome_response", None),
        (intent, response, "welcome_response", "create_payment_intent"),
        (paid, intent, "welcome_paid_response", None),
    ]
    assert [c.item for e in run.history() for c in e.created] == [customer, response, intent, paid]


def test_what_a_person_decided_is_filled_in_as_well(charging: House) -> None:
    charging.stripe.answers.append(Reply(500, {"Idempotent-Replayed": "true"}, "{}"))
    run = charging.start()
    charging.play()
    call = call_of(run)
    again = retry(charging.services, run.id, call, "same")
    charging.play()
    retried = [event for event in run.history() if event.item == again]
    assert [(e.parent, e.flow, e.operation) for e in retried] == [
        (call, "main", "create_payment_intent")
    ]


def test_an_ended_run_knows_what_it_was_started_as_and_is_not_started_again(
    house: House, server: redis.Redis
) -> None:
    house.flows(main="print(1)")
    run = house.start()
    meta = run.state().meta
    house.play()
    assert run.state().meta == meta
    assert server.hget(f"{{sf}}:r:{run.id}", "m") is None, "it stands in the record"
    again = house.start()
    house.play()
    assert again.output() == "1\n"
    assert [event.kind for event in again.history()] == ["start", "execution"]


def test_a_run_from_before_keeps_its_meta_where_it_was(house: House, server: redis.Redis) -> None:
    house.flows(main="print(1)")
    run = house.start()
    key = f"{{sf}}:r:{run.id}"
    server.hdel(key, "ml")  # as the START of an earlier version leaves it
    house.play()
    assert server.hget(key, "m") is not None
    assert run.state().meta.flow == "main"


def test_a_record_that_an_earlier_version_wrote_reads_the_same(
    house: House, server: redis.Redis
) -> None:
    """It says all in every line, and is compressed without a dictionary."""
    run = signed_up(house)
    history, key = run.history(), f"{{sf}}:l:{run.id}"
    stamps = [raw.partition(b"|")[0] for raw in cast(list[bytes], server.lrange(key, 0, -1))]
    server.delete(key)
    for stamp, event in zip(stamps, history, strict=True):
        line = event.model_dump(mode="json", exclude_defaults=True, exclude={"time"})
        server.rpush(key, stamp + b"|" + house.services.sealer.seal(run.id, "", "record", line))
    assert run.history() == history


@pytest.mark.parametrize("times", [1, 2])
def test_a_run_that_failed_is_retried_after_it_was_made_small(house: House, times: int) -> None:
    house.flows(main="raise ValueError")
    run = house.start()
    house.play()
    for _ in range(times):
        failed = run.history()[-1].item
        retry(house.services, run.id, failed, "same")
        house.play()
    assert run.status() == "failed"
    assert [e.status for e in run.history()].count("retried") == times
    assert run.state().meta.flow == "main"


def test_the_oldest_line_of_a_run_is_its_start(house: House, server: redis.Redis) -> None:
    run = signed_up(house)
    assert run.history()[0].kind == "start"
    assert len(cast(list[bytes], server.lrange(f"{{sf}}:l:{run.id}", 0, -1))) == 6
