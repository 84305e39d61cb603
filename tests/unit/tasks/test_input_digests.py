"""A run keeps enough of what it was started as to say what differs, and not more."""

from __future__ import annotations

from typing import Any

import pytest

from stripe_flows.engine.types import JSONObject
from stripe_flows.tasks.input_digests import (
    MAX_KEYS,
    MAX_SHOWN,
    RunMeta,
    StartedAs,
    differences,
    input_digest,
    input_digests,
)


def started_as(
    params: JSONObject,
    *,
    flow: str = "main",
    script: str | None = None,
    worker: str = "eu",
    context: str = "basket",
) -> StartedAs:
    return StartedAs(
        flow=flow,
        worker_id=worker,
        context_id=context,
        input=input_digest(flow, script, worker, context, params),
        digests=input_digests(script, params),
    )


def told(before: JSONObject, now: JSONObject, **changed: Any) -> tuple[str, ...]:
    return differences(started_as(before), started_as(now, **changed), now)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"flow": "other"}, "another flow ('main', not 'other')"),
        ({"worker": "us"}, "another worker_id ('eu', not 'us')"),
        ({"context": "cart"}, "another context_id ('basket', not 'cart')"),
        ({"flow": "script", "script": "print(1)"}, "flow 'main' (not a script)"),
    ],
    ids=lambda value: str(value),
)
def test_what_names_the_business_is_said_with_both_values(
    changed: dict[str, Any], said: str
) -> None:
    assert told({"a": 1}, {"a": 1}, **changed) == (said,)


def test_two_texts_of_a_script_differ() -> None:
    before, now = (started_as({}, flow="script", script=f"print({n})") for n in (1, 2))
    assert differences(before, now, {}) == ("another script",)
    assert differences(before, started_as({}), {}) == ("a script (not flow 'main')",)


def test_params_are_named_and_their_values_are_not_shown() -> None:
    before: JSONObject = {"customer": "cus_secret", "amount": 2000, "email": "jenny@example.com"}
    now: JSONObject = {"customer": "cus_hidden", "amount": 2000, "coupon": "SUMMER"}
    (said,) = told(before, now)
    assert said == "other params ('customer' differs, 'email' is missing, 'coupon' is new)"


def test_nested_params_are_compared_whole_and_not_by_the_order_of_their_keys() -> None:
    assert told({"a": {"x": 1, "y": [2]}}, {"a": {"y": [2], "x": 1}}) == ()
    assert told({"a": {"x": 1}}, {"a": {"x": 2}}) == ("other params ('a' differs)",)


def test_a_key_that_is_a_stripe_key_is_not_shown() -> None:
    (said,) = told({}, {"sk_test_planted": 1})
    assert "planted" not in said


def test_of_many_params_the_first_have_a_digest_each_and_the_rest_share_one() -> None:
    many: JSONObject = {f"k{n:03}": n for n in range(500)}
    kept = started_as(many)
    assert kept.digests is not None
    assert len(kept.digests.params) == MAX_KEYS
    assert len(kept.model_dump_json()) < 1000

    assert told(many, many) == ()
    assert told(many, many | {"k003": -1}) == ("other params ('k003' differs)",)
    assert told(many, many | {"k003b": -1}) == ("other params ('k003b' is new)",)
    beyond = ("other params (one or more of those after 'k031')",)
    assert told(many, many | {"k400": -1}) == beyond
    assert told(many, many | {"z": -1}) == beyond
    assert told(many, {name: many[name] for name in list(many)[:MAX_KEYS]}) == beyond
    assert told({}, many)[0].endswith(f"'k{MAX_SHOWN - 1:03}' is new, and {500 - MAX_SHOWN} more)")


def test_names_of_any_length_do_not_make_it_long() -> None:
    long: JSONObject = {"n" * 60_000: 1, "z": 2}
    kept = started_as(long)
    assert len(kept.model_dump_json()) < 300
    assert told(long, long) == ()
    assert told(long, long | {"z": 3}) == ("other params (one or more of them)",)


def test_a_run_from_before_there_were_digests_says_nothing_more() -> None:
    old = StartedAs(flow="main", worker_id="eu", context_id="basket", input="x")
    assert differences(old, started_as({"a": 1}), {"a": 1}) == ()


def test_the_digests_are_not_part_of_what_is_shown_of_a_run() -> None:
    stored = started_as({"amount": 2000}).model_dump_json()
    assert "digests" in stored
    assert "digests" not in RunMeta.model_validate_json(stored).model_dump()
