"""More than a hundred mistakes that people make: each is told in one clear line, with the line it
stands on, and the check of the text says the same as its run."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stripe_flows.engine.answer import AnswerKind
from stripe_flows.engine.check.flows import check_flows
from stripe_flows.engine.errors import ScriptError
from stripe_flows.engine.execution import Engine
from tests.unit.engine.common_mistakes import ANSWERED, NEWCOMERS, PARAMETERS, RUN_ONLY
from tests.unit.engine.conftest import runner
from tests.unit.engine.more_mistakes import (
    IN_A_RUN,
    IN_A_SUBSCRIPTION,
    MEANT,
    SANDBOX,
    SUBSCRIPTION,
)

pytestmark = pytest.mark.sweep

FLOWS = frozenset({"main", "signed_response", "default_response", "default_error"})

ANSWERS = {
    "response": '{"id": "pi_1", "status": "succeeded", "charge": "ch_1", "review": null, "made": 5, '
    '"data": [{"id": "x", "amount": 3}]}',
    "error": '{"error": {"type": "card_error", "code": "card_declined"}}',
    "unknown": '{"error": {"type": "api_error"}}',
}

BEFORE = "ready = 1\n\n"


@pytest.fixture
def told_by_a_run(engine: Engine) -> Callable[[str], str]:
    run = runner(engine, FLOWS)

    def told(source: str) -> str:
        with pytest.raises(ScriptError) as caught:
            run(source, params={"customer": "cus_1"})
        return str(caught.value)

    return told


def told_by_the_check(source: str, flow: str = "main") -> list[str]:
    found = check_flows({**dict.fromkeys(FLOWS, ""), flow: source}, {flow})
    return [f"flows/{one.flow}.py:{one.line}: {one.message}" for one in found if not one.note]


@pytest.mark.parametrize(
    ("source", "told"), [*PARAMETERS, *NEWCOMERS, *SANDBOX, *MEANT, *RUN_ONLY, *IN_A_RUN]
)
def test_one_clear_line_with_its_place(
    told_by_a_run: Callable[[str], str], source: str, told: str
) -> None:
    text = told_by_a_run(f"{BEFORE}{source}")
    assert text.startswith("flows/main.py:3: ")
    assert told in text
    assert "\n" not in text
    assert "_sf_" not in text


@pytest.mark.parametrize(("source", "told"), [*PARAMETERS, *NEWCOMERS, *SANDBOX, *MEANT])
def test_the_check_says_the_same_as_the_run(
    told_by_a_run: Callable[[str], str], source: str, told: str
) -> None:
    by_run = told_by_a_run(f"{BEFORE}{source}")
    by_check, *_ = told_by_the_check(f"{BEFORE}{source}")
    assert told in by_check
    # Only of a file does the run know more: which one was asked for.
    assert by_check == by_run or told == "a script has no files"


@pytest.mark.parametrize(("kind", "source", "told"), ANSWERED)
def test_in_a_flow_that_continues_a_call(
    engine: Engine, kind: AnswerKind, source: str, told: str
) -> None:
    with pytest.raises(ScriptError) as caught:
        runner(engine)(f"{BEFORE}{source}", answer=ANSWERS[kind], kind=kind)
    assert caught.value.line == 3
    assert told in caught.value.reason
    assert "_sf_" not in caught.value.reason
    # The check knows the types of an answer, not the answer, so its words may differ.
    for line in told_by_the_check(f"{BEFORE}{source}", f"default_{kind}"):
        assert line.startswith(f"flows/default_{kind}.py:3: ")


@pytest.mark.parametrize(("source", "told"), IN_A_SUBSCRIPTION)
def test_in_a_flow_that_continues_a_subscription(engine: Engine, source: str, told: str) -> None:
    with pytest.raises(ScriptError) as caught:
        runner(engine)(f"{BEFORE}{source}", answer=SUBSCRIPTION)
    assert caught.value.line == 3
    assert told in caught.value.reason
    by_check = told_by_the_check(f"{BEFORE}{source}", "new_create_subscription_response")
    assert len(by_check) == 1
    assert ":3: " in by_check[0]


def test_there_are_more_than_a_hundred_of_them() -> None:
    every = [source for source, _ in [*PARAMETERS, *NEWCOMERS, *RUN_ONLY]]
    assert len(set(every)) == len(every) > 100


def test_all_mistakes_of_one_call_are_told_at_once(error_of: Callable[[str], str]) -> None:
    text = error_of("new_subscription()\\\n    .collection_methd('x')\\\n    .create_async()\n")
    assert text.startswith("flows/main.py:2: ")
    text = error_of(
        "s = new_subscription()\n"
        "s.items([{'quantity': 'x'}, {'prise': 1}])\n"
        "s.trial_period_days('30')\n"
        "s.metadata({'k' * 41: 'v'})\n"
        "s.cancel_at_period_end('no')\n"
        "s.application_fee_percent('x')\n"
        "s.automatic_tax({'liability': {'type': 'self'}})\n"
        "s.create_async()\n"
    )
    assert text == (
        "flows/main.py:2: new_subscription(): items[0].quantity must be an integer, not a string; "
        "line 2: new_subscription(): items[1] has no parameter 'prise'; did you mean 'price'?; "
        "line 3: new_subscription(): trial_period_days must be an integer, not a string; "
        "line 4: new_subscription(): metadata: key 1 must have 1 to 40 characters; "
        "line 5: new_subscription(): cancel_at_period_end must be True or False, not a string; "
        "line 6: new_subscription(): application_fee_percent must be a number, not a string; "
        "line 7: new_subscription(): automatic_tax needs 'enabled'"
    )
