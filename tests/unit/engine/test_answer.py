"""What an answer tells: its reason without customers' data, and the ids it names."""

from __future__ import annotations

import json

from stripe_flows.engine.answer import MAX_IDS, Answer, error_body


def answer(body: object, **changed: object) -> Answer:
    text = body if isinstance(body, str) else json.dumps(body)
    return Answer.model_validate(
        {"kind": "response", "body": text, "request_id": "req_1AbcDef", **changed}
    )


def test_every_stripe_id_in_an_answer_is_found_and_nothing_else() -> None:
    body = {
        "id": "pi_3MtwBwLkdIwHu7ix28a3tqPa",
        "client_secret": "pi_3MtwBwLkdIwHu7ix28a3tqPa_secret_YrKJUKribcBjcG8HVhfZluoGH",
        "customer": {"id": "cus_customer123", "email": "jenny@example.com"},
        "latest_charge": "ch_3MmlLrLkdIwHu7ix0snN0B15",
        "status": "requires_payment_method",
        "payment_method_types": ["card", "us_bank_account", "customer_balance"],
        "lines": {"data": [{"id": "il_tmp_1Nzo1ZGgdF1VjufLzI1UUDsz"}]},
        "metadata": {"order": "order 42", "note": "sk_test"},
    }
    assert answer(body).object_ids == (
        "req_1AbcDef",
        "pi_3MtwBwLkdIwHu7ix28a3tqPa",
        "cus_customer123",
        "ch_3MmlLrLkdIwHu7ix0snN0B15",
        "il_tmp_1Nzo1ZGgdF1VjufLzI1UUDsz",
    )


def test_the_ids_of_a_long_list_are_bounded() -> None:
    found = answer({"data": [{"id": f"cus_Abc{n:05}"} for n in range(1000)]}).object_ids
    assert len(found) == MAX_IDS + 1


def test_an_answer_that_is_nested_without_an_end_names_nothing() -> None:
    deep = '{"in": ' * 50_000 + "1" + "}" * 50_000
    assert answer(deep).object_ids == ("req_1AbcDef",)
    nested = answer('{"in": ' * 900 + '"cus_Abc12345"' + "}" * 900)
    assert nested.object_ids[-1] in ("cus_Abc12345", "req_1AbcDef")


HALF = '{"id": "pi_1\\ud800", "error": {"code": "a\\uDC00"}}'


def test_half_a_surrogate_pair_is_no_part_of_what_is_kept_of_an_answer() -> None:
    found = answer(HALF, kind="error")
    assert found.object_id == "pi_1?"
    assert found.reason == "error code=a? request_id=req_1AbcDef"
    for text in (found.reason, found.object_id, *found.object_ids, found.model_dump_json()):
        text.encode()


def test_a_reason_leaves_stripes_message_out() -> None:
    error = json.loads(error_body("card_error", "jenny@example.com was declined", "card_declined"))
    found = answer(error, kind="error", http_status=402).reason
    assert found == "card_error code=card_declined http_status=402 request_id=req_1AbcDef"


def test_a_reason_leaves_out_what_is_empty() -> None:
    error = json.dumps({"error": {"type": "invalid_request_error", "code": "", "param": ""}})
    found = answer(error, kind="error", http_status=400).reason
    assert found == "invalid_request_error http_status=400 request_id=req_1AbcDef"
