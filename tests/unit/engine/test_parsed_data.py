"""What a continuation sees of the answer."""

from __future__ import annotations

import json

import pytest

from stripe_flows.engine.answer import AnswerKind
from tests.unit.engine.conftest import Run

BODY = json.dumps(
    {
        "id": "sub_1",
        "object": "subscription",
        "items": {"data": [{"id": "si_1", "price": {"id": "price_1"}}], "has_more": False},
        "get": "field",
        "keys": ["a"],
        "metadata": {"order-no": "7"},
        "discount": None,
        "empty": {},
        "tiers": [[{"up_to": 10}]],
    }
)


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        ("parsed_data.id", "sub_1"),
        ("parsed_data['id']", "sub_1"),
        ("parsed_data.items.data[0].price.id", "price_1"),
        ("parsed_data['items']['data'][0]['price']['id']", "price_1"),
        ("parsed_data['items'].data[0].id", "si_1"),
        ("parsed_data.tiers[0][0].up_to", "10"),
        ("parsed_data.metadata['order-no']", "7"),
        ("parsed_data.metadata.get('order-no')", "7"),
        ("parsed_data.metadata.get('none', 'default')", "default"),
        ("parsed_data.get", "field"),
        ("parsed_data.keys", "['a']"),
        ("parsed_data.discount is None", "True"),
        ("'id' in parsed_data, 'nope' in parsed_data", "True False"),
        ("list(parsed_data.metadata)", "['order-no']"),
        ("list(parsed_data.metadata.keys())", "['order-no']"),
        ("list(parsed_data.metadata.values())", "['7']"),
        ("list(parsed_data.metadata.items())", "[('order-no', '7')]"),
        ("[key for key in parsed_data.items]", "['data', 'has_more']"),
        ("parsed_data.metadata.to_dict() == {'order-no': '7'}", "True"),
        ("parsed_data.metadata == {'order-no': '7'}", "True"),
        ("parsed_data.metadata", "{'order-no': '7'}"),
        ("getattr(parsed_data, 'i' + 'd')", "sub_1"),
        ("f'{parsed_data.items.data[0].id}'", "si_1"),
        ("bool(parsed_data.empty), parsed_data.empty == {}", "True True"),
        ("response_json[:12]", BODY[:12]),
        ("call.id, call.operation, call.attempts", "abc create_payment_intent 2"),
        ("call.request.amount, call.http_status, call.request_id", "2000 200 req_1"),
    ],
)
def test_in_a_response_flow(run: Run, expression: str, printed: str) -> None:
    assert run(f"print({expression})", answer=BODY).output == f"{printed}\n"


@pytest.mark.parametrize("kind", ["error", "unknown"])
def test_in_an_error_flow_and_in_one_for_unknown_outcomes(run: Run, kind: AnswerKind) -> None:
    body = '{"error": {"type": "card_error", "decline_code": "do_not_honor"}}'
    done = run(
        "print(parsed_error.error.type, parsed_error.error.decline_code, call.id)\n"
        "print(error_json)",
        answer=body,
        kind=kind,
    )
    assert done.output == f"card_error do_not_honor abc\n{body}\n"


@pytest.mark.parametrize(
    "body", ["[1]", "null", "nope", "", '"x"', '{"a":' * 3000 + "1" + "}" * 3000]
)
def test_a_body_that_is_no_json_object_is_still_there_as_text(run: Run, body: str) -> None:
    done = run("print(parsed_data is None, len(response_json))", answer=body)
    assert done.output == f"True {len(body)}\n"


def test_text_that_looks_like_source_stays_text(run: Run) -> None:
    planted = "'''\"\"\"{x}\\n\nprint('injected')\n#"
    done = run(
        "print(parsed_data.name == params['name'])",
        answer=json.dumps({"name": planted}),
        params={"name": planted},
    )
    assert done.output == "True\n"


def test_half_a_surrogate_pair_does_not_lose_the_answer(run: Run) -> None:
    done = run(
        "print(parsed_data.a, parsed_data.b)", answer='{"a": "\\ud800", "b": "\\ud83d\\ude00"}'
    )
    assert done.output == "? 😀\n"


def test_params_are_a_dict(run: Run) -> None:
    done = run("print(params['a']['b'], params.get('c'))", params={"a": {"b": 1}})
    assert done.output == "1 None\n"
