"""What becomes of a call, for every kind of answer: one continuation, another attempt, or held."""

from __future__ import annotations

import json

from stripe_flows.engine.stripe.outcomes import Reply
from stripe_flows.tasks.attempt_end import Done, Failed, PutOff
from stripe_flows.tasks.journal.read import list_run_ids
from tests.integration.charging import CHARGE, call_of, keys, statuses
from tests.integration.house import LOST, OK, REFUSED_CONNECTION, House, refusal


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


def test_an_answer_with_half_a_surrogate_pair_is_continued_once(charging: House) -> None:
    charging.stripe.answers.append(Reply(200, {}, '{"id": "pi_\\ud800"}'))
    run = charging.start()
    charging.play()
    assert (run.status(), run.output()) == ("succeeded", "made pi_? in 1\n")
    assert len(charging.stripe.sent) == 1


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
    assert list_run_ids(house.services.store, "failed") == [run.id]
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
    charging.stripe.answers += [LOST, refusal(403), OK]
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
    assert list_run_ids(charging.services.store, "held") == [run.id]
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
    charging.stripe.answers += [LOST, *[refusal(403)] * 5]
    run = charging.start()
    charging.drain()
    for _ in range(2):
        charging.later()
        charging.drain()
    assert run.status() == "held"
    assert len(charging.stripe.sent) == 3
    charging.play()
    assert run.output() == "made pi_1 in 7\n"
