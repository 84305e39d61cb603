"""A key that Stripe does not accept stops its calls, visibly, until it is valid again."""

from __future__ import annotations

import pytest

from stripe_flows.tasks.attempt_end import PutOff
from stripe_flows.tasks.http.secrets import seal_literal
from tests.integration.charging import statuses
from tests.integration.house import LOST, OK, House, refusal

REFUSED = refusal(401, "api_key_expired")


def test_a_refused_key_fails_no_run_and_names_its_variable(charging: House) -> None:
    charging.stripe.answers.append(REFUSED)
    run = charging.start()
    charging.drain()
    assert run.status() == "running"
    assert run.stuck() == (
        "create_payment_intent is put off: Stripe does not accept the key in STRIPE_SECRET_KEY "
        "(HTTP 401): give the workers a valid one; the call goes on automatically"
    )
    assert isinstance(charging.ends[-1], PutOff)


def test_a_refused_key_costs_no_attempt(charging: House) -> None:
    charging.stripe.answers += [REFUSED] * 12
    run = charging.start()
    charging.play()
    assert run.output() == "made pi_1 in 13\n"
    assert set(statuses(run)) == {"stuck", "response"}


def test_a_new_key_in_the_variable_goes_on_at_once(
    charging: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    charging.stripe.answers += [REFUSED, OK]
    run = charging.start()
    charging.drain()
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_rolled")
    charging.play()
    assert run.status() == "succeeded"
    assert charging.stripe.sent[-1].stripe_key == "sk_test_rolled"


def test_while_a_key_is_refused_no_other_call_is_sent_with_it(charging: House) -> None:
    charging.stripe.answers.append(REFUSED)
    charging.start(run="first")
    charging.drain()
    runs = [charging.start(run=f"order-{n}") for n in range(5)]
    charging.drain()
    assert len(charging.stripe.sent) == 1
    assert {run.status() for run in runs} == {"running"}
    assert all("STRIPE_SECRET_KEY" in (run.stuck() or "") for run in runs)


def test_one_call_tries_the_key_and_its_answer_wakes_the_others(charging: House) -> None:
    charging.stripe.answers.append(REFUSED)
    runs = [charging.start(run=f"order-{n}") for n in range(5)]
    charging.drain()
    assert len(charging.stripe.sent) == 1
    charging.stripe.answers.append(REFUSED)
    charging.later()
    charging.drain()
    assert len(charging.stripe.sent) == 2  # one of the five
    charging.play()
    assert {run.status() for run in runs} == {"succeeded"}
    assert len(charging.stripe.sent) == 2 + 5


def test_another_key_is_not_touched(charging: House) -> None:
    charging.stripe.answers.append(REFUSED)
    charging.start(run="first")
    charging.drain()
    other = seal_literal("sk_test_other", charging.services.sealer, allow_live=False)
    run = charging.start(run="second", secret=other)
    charging.drain()
    assert run.status() == "succeeded"


def test_a_refused_key_of_the_caller_is_said_in_other_words(charging: House) -> None:
    charging.stripe.answers.append(REFUSED)
    sealed = seal_literal("sk_test_sealed", charging.services.sealer, allow_live=False)
    run = charging.start(secret=sealed)
    charging.drain()
    assert "the key that the call was made with" in (run.stuck() or "")


def test_a_refused_key_clears_no_earlier_doubt(
    charging: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    charging.stripe.answers += [LOST, REFUSED]
    run = charging.start()
    charging.drain()
    charging.later()
    charging.drain()
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_rolled")
    charging.play()
    assert run.status() == "held"
    assert len(charging.stripe.sent) == 2


def test_a_restricted_key_names_the_permission_that_it_lacks(house: House) -> None:
    message = "Having the 'rak_payment_intent_write' permission would allow this: jenny@example.com"
    reply = refusal(403, "more_permissions_required")
    house.stripe.answers.append(type(reply)(403, {}, reply.body.replace('"no"', f'"{message}"')))
    house.flows(main='new_payment_intent().amount(2000).currency("usd").create_async()')
    run = house.start()
    house.play()
    assert run.status() == "failed"
    said = run.history()[-1].error or ""
    assert "permission=rak_payment_intent_write" in said
    assert "jenny" not in said
