"""The types of flows are checked: what a run would fail at has its place, what is right has none."""

from __future__ import annotations

import pytest

from stripe_flows.engine.check.checker_stubs import stub_text
from stripe_flows.engine.check.flows import check_flows
from stripe_flows.engine.check.type_check import TypeCheck
from stripe_flows.engine.stripe.catalog import stripe_catalog
from tests.unit.engine.filled import filled, script_of

ENDS = {"default_response": "", "default_error": ""}
LISTED = 'payment_intents().list_async(then="listed")'


def said(flow: str, source: str, **others: str) -> list[str]:
    """What is said of one flow among others, a line each."""
    return [
        f"{one.line}:{one.column}: {'note: ' if one.note else ''}{one.message}"
        for one in check_flows({**ENDS, **others, flow: source}, {flow})
    ]


def response(source: str) -> list[str]:
    """What is said of a flow that continues the creation of a payment intent."""
    flow = "new_create_payment_intent_response"
    main = 'new_payment_intent().amount(1).currency("usd").create_async()'
    return said(flow, source, main=main)


MISTAKES = [
    (
        "print(parsed_data.statuss)",
        "1:19: PaymentIntent has no field 'statuss'; did you mean 'status'?",
    ),
    (
        "x = 1\nif parsed_data.next_action.tipe == 'x':\n    pass",
        "2:28: PaymentIntentNextAction has no field 'tipe'; did you mean 'type'?",
    ),
    (
        "print(parsed_data.redirect_to_url.url)",
        "1:19: PaymentIntent has no field 'redirect_to_url'; did you mean "
        "'next_action.redirect_to_url'?",
    ),
    (
        "new_refund().amount(parsed_data.amount / 2)",
        "1:21: new_refund(): amount takes int | None, not float; it is in the smallest unit of the "
        "currency, such as cents: an amount in that unit already needs round(…) alone; 19.99 of a "
        "currency with two decimals is round(19.99 * 100), 1999 of one "
        "without, such as jpy, is round(1999.0); a half is rounded to the even number",
    ),
    (
        "print(params.customer)",
        "1:14: params is a dict: its members are reached by brackets, params['customer']",
    ),
    (
        "print('paid ' + parsed_data.amount)",
        "1:7: Operator '+' is not supported between objects of type 'Literal[\"paid \"]' and 'int'",
    ),
    (
        "for one in parsed_data.amount:\n    print(one)",
        "1:12: Object of type 'int' is not iterable",
    ),
    ("print(parsed_data.status())", "1:7: Object of type 'str' is not callable"),
    (
        "print(call.opreation)",
        "1:12: AnsweredCall has no field 'opreation'; did you mean 'operation'?",
    ),
    (
        "intent = parsed_data\nprint(\n    intent\n    .curency\n)",
        "4:6: PaymentIntent has no field 'curency'; did you mean 'currency'?",
    ),
    (
        "def pay(intent: NewPaymentIntentCall):\n    intent.amuont(1)",
        "2:12: NewPaymentIntentCall has no attribute 'amuont'",
    ),
    (
        "params = params['order']\nprint(parsed_data.idd)",
        "2:19: PaymentIntent has no field 'idd'; did you mean 'id'?",
    ),
]


@pytest.mark.parametrize(("source", "line"), MISTAKES, ids=[source for source, _ in MISTAKES])
def test_each_mistake_is_one_line_with_its_place(source: str, line: str) -> None:
    assert response(source) == [line]


RIGHT = [
    "print(parsed_data.id, parsed_data['id'], 'id' in parsed_data, parsed_data.get('nope', 1))",
    "if parsed_data.next_action is None:\n    print('none')\n"
    "else:\n    print(parsed_data.next_action.type)",
    "print(parsed_data.next_action.redirect_to_url.url)",
    "print(parsed_data.customer.email, parsed_data.customer['email'], parsed_data.customer.upper())",
    "print(parsed_data.metadata.order, parsed_data.metadata['order-id'].upper())",
    "for name, value in parsed_data.items():\n    print(name, value)",
    "for name in parsed_data.metadata:\n    print(name, parsed_data.metadata[name])",
    "new_refund().payment_intent(parsed_data.id).charge(parsed_data.latest_charge).create_async()",
    "new_refund().amount(parsed_data.amount // 2).metadata(parsed_data.metadata).create_async()",
    "payment_intent = payment_intent(parsed_data.id)\nprint(payment_intent.capture_async())",
    "items = [{'price': 'price_1'}]\nnew_subscription().customer('cus_1').items(items).create_async()",
    "currency = params.get('currency')\n"
    "new_payment_intent().amount(1).currency(currency).create_async()",
    "call = 'x'\ncustomer = 1\nparsed_data = [1]\nprint(call.upper(), customer + 1, parsed_data[0])",
    "total = 0\nfor one in [1, 2]:\n    total += one\nprint(f'{total:>5}')",
    "x = 1\nx = 'text'\nprint(x.upper())",
    "from decimal import Decimal\nnew_price().currency('usd').unit_amount_decimal(Decimal('0.5'))"
    ".product('p').create_async()",
    "from decimal import Decimal\nnew_coupon().percent_off(Decimal('12.5')).create_async()",
    "import datetime\nnew_payment_link().line_items([{'price': 'p', 'quantity': 1}]).create_async()",
    "from datetime import datetime, timedelta\nend = datetime.now() + timedelta(days=30)\n"
    "new_invoice().customer('cus_1').due_date(end).create_async()\n"
    "subscription('sub_1').proration_date(end).pause_collection({'resumes_at': end}).update_async()",
    "print(parsed_data.statuss)  # type: ignore",
    "def pay(cents: int, intent: PaymentIntent) -> str:\n    return intent.id + str(cents)\n"
    "print(pay(5, parsed_data))",
    "if 'newer' in parsed_data:\n    print(parsed_data.newer)",
    "if hasattr(parsed_data, 'newer'):\n    print(parsed_data.newer)",
    "class Box:\n    pass\nbox = Box()\nbox.pi = 1\nprint(box.pi)",
    "sf_any = 3\nprint(sf_any + 1)",
    "meta = {}\nfor part in 'a=1;b=2'.split(';'):\n    k, v = part.split('=')\n    meta[k] = v\n"
    "new_customer().metadata(meta).create_async()",
    "shared = {'worker_id': 'default', 'context_id': 'order-1'}\n"
    "new_customer().create_async(**shared)",
    "from functools import reduce\nprint(reduce(lambda a, b: a + b, [1, 2]))",
    "import re\nprint(re.search(r'[0-9]', 'a12')[0], re.search(r'[0-9]', 'a12').group(0))",
    "data = dict(currency='usd', unit_amount=100)\ndata.update(product_data={'name': 'x'})\n"
    "new_price().product_data(data['product_data']).currency('usd').create_async()",
    "for one in [{'cents': 500, 'cur': 'usd'}]:\n"
    "    new_payment_intent().amount(one['cents']).currency(one['cur']).create_async()",
    "total = None\nfor one in [1, 2]:\n    total = one if total is None else total + one",
    "def cents(x: int = None):\n    return x\nprint(params.get('amount') * 100, not cents())",
    "print(stripe_secret, response_json.upper(), call.request.amount, call.http_status)",
]


@pytest.mark.parametrize("source", RIGHT)
def test_what_is_right_is_passed_over(source: str) -> None:
    assert response(source) == []


@pytest.mark.sweep
def test_every_operation_with_all_its_parameters_is_right() -> None:
    reached = [one for one in stripe_catalog().operations.values() if one.host == "api"]
    scripts = {one.name: script_of(one, filled(one)) for one in reached}
    stubs = stub_text([one.builder for one in reached], [], set())
    with TypeCheck(stubs) as check:
        found = {name: list(check.findings(text, None, set())) for name, text in scripts.items()}
        assert list(check.findings("new_payment_intent().amount('1')", None, set())) != []
    assert len(found) == 556
    assert {name: said for name, said in found.items() if said} == {}


def test_a_single_value_in_the_place_of_a_list_or_a_dict_is_certain() -> None:
    source = (
        "x = new_refund()\nx.expand(True)\nx.metadata(5)\nx.payment_intent('pi_1').create_async()"
    )
    found = [line.split(" takes ")[0] for line in said("main", source)]
    assert found == ["2:10: new_refund(): expand", "3:12: new_refund(): metadata"]


def test_what_is_wrong_of_one_of_several_answers_is_a_note() -> None:
    source = "x = parsed_data.next_action if params else parsed_data\nprint(x.redirect_to_url)"
    assert [line.split(" ")[1] for line in response(source)] == ["note:"]


def test_what_is_tried_may_well_fail() -> None:
    source = (
        "try:\n    print(parsed_data.nope)\nexcept AttributeError:\n    print(parsed_data.nope)"
    )
    notes = [line.split(" ")[:2] for line in response(source)]
    assert notes == [["2:23:", "note:"], ["4:23:", "PaymentIntent"]]


def test_what_is_told_of_a_call_is_not_told_again_in_other_words() -> None:
    source = 'new_refund().amount("5").amuont(3).payment_intent("pi_1").create_async(1, 2, 3, 4)'
    messages = said("main", source)
    assert sum("'amuont'" in one for one in messages) == 1
    assert sum("amount takes" in one or "amount must" in one for one in messages) == 1
    assert len({one.split(": ")[0] for one in messages}) == len(messages)


def test_a_page_knows_what_it_holds() -> None:
    page = "for one in parsed_data.data:\n    print(one.statuss)\nprint(parsed_data.has_more)"
    assert said("listed_response", page, main=LISTED) == [
        "2:15: PaymentIntent has no field 'statuss'; did you mean 'status'?"
    ]


def test_an_errors_fields_are_known() -> None:
    assert said("listed_error", "print(parsed_error.code)", main=LISTED) == [
        "1:20: StripeError has no field 'code'; did you mean 'error.code'?"
    ]
    right = "print(parsed_error.error.code, parsed_error.error.payment_intent.id)"
    assert said("listed_error", right, main=LISTED) == []


@pytest.mark.parametrize(
    "others",
    [
        {"main": LISTED, "more": 'customers().list_async(then="listed")'},
        {
            "main": LISTED,
            "more": 'def go(one):\n    one.list_async(then="listed")\ngo(customers())',
        },
        {"main": 'customer_payment_source("cus_1", "card_1").retrieve_async(then="listed")'},
    ],
)
def test_where_answers_of_several_types_may_lead_no_type_is_taken_for_granted(
    others: dict[str, str],
) -> None:
    assert said("listed_response", "print(parsed_data.nobody_knows)", **others) == []


def test_a_call_that_may_go_on_anywhere_leaves_the_others_their_certainty() -> None:
    more = "customers().list_async(then=params['then'])"
    (line,) = said("listed_response", "print(parsed_data.nope)", main=LISTED, more=more)
    assert line == "1:19: Page[PaymentIntent] has no field 'nope'"


def test_a_flow_of_an_operation_may_continue_another_one_too() -> None:
    flow = "new_list_payment_intents_response"
    main = 'customers().list_async(then="new_list_payment_intents")'
    assert said(flow, "print(parsed_data.nope)", main=main) == []


def test_a_flow_may_say_itself_what_its_data_is() -> None:
    source = "parsed_data: Subscription = parsed_data\nprint(parsed_data.statuss)"
    assert said("default_response", source) == [
        "2:19: Subscription has no field 'statuss'; did you mean 'status'?"
    ]


def test_a_text_at_which_the_checker_gives_up_does_not_hide_the_others() -> None:
    slow = "x = []\n" + "if params: x = [x]\n" * 1500
    with TypeCheck(stub_text(["params"], [], set()), seconds=1.0) as check:
        (note,) = check.findings(slow, None, set())
        (wrong,) = check.findings("'a' + 1", None, set())
    assert (note.message, note.certain) == (
        "its types were not checked: the type checker gave up on it",
        False,
    )
    assert wrong.message.startswith("Operator '+' is not supported")
