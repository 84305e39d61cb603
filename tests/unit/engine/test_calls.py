"""What a script records is what will be sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from stripe_flows.engine.call import Call
from stripe_flows.testing import play
from tests.unit.engine.conftest import Run

DESIGN_PAGE = """\
# flows/main.py
payment_intent = (
    new_payment_intent()
    .amount(2000)
    .currency("usd")
    .customer("cus_customer123")
)

# every parameter is passed; there are no globals
result = payment_intent.create_async(
    "worker-1",     # worker_id: which workers carry it
    "context-123",  # context_id: what the caller calls this piece of business
    "sk_test_...",  # stripe_secret
)

print(f"Request dispatched: {result}")   # payment_intent_request_dispatched
# the script ends here; the HTTP request happens in the background
"""


def only_call(run: Run, source: str) -> Call:
    (call,) = run(source).calls
    return call


def test_the_first_script_of_the_documentation_runs_to_the_letter(run: Run) -> None:
    done = run(DESIGN_PAGE)
    assert done.output == "Request dispatched: payment_intent_request_dispatched\n"
    (call,) = done.calls
    assert (call.operation, call.method, call.path) == (
        "create_payment_intent",
        "POST",
        "/v1/payment_intents",
    )
    assert call.body == "amount=2000&currency=usd&customer=cus_customer123"
    assert call.request == {"amount": 2000, "currency": "usd", "customer": "cus_customer123"}
    assert (call.worker_id, call.context_id) == ("worker-1", "context-123")
    assert (call.secret.kind, call.secret.value) == ("literal", "sk_test_...")
    assert call.stripe_version == "2026-10-28.endive"
    assert call.line == 10


@pytest.mark.parametrize(
    "resource", ["customer", "payment_intent", "price", "product", "subscription"]
)
def test_each_resource_answers_with_its_own_text(run: Run, resource: str) -> None:
    required = {
        "payment_intent": '.amount(1).currency("usd")',
        "price": '.currency("usd")',
        "product": '.name("Tea")',
        "subscription": '.customer("cus_1")',
    }.get(resource, "")
    done = run(f"print(new_{resource}(){required}.create_async())")
    assert done.output == f"{resource}_request_dispatched\n"
    assert [call.operation for call in done.calls] == [f"create_{resource}"]


def test_what_is_left_out_is_the_scripts_own(run: Run) -> None:
    done = run("new_customer().create_async()", params={"order": 7})
    (call,) = done.calls
    assert (call.worker_id, call.context_id) == ("worker-1", "context-1")
    assert call.params == {"order": 7}
    assert call.secret.kind == "own"
    assert (call.then, call.on_error) == (None, None)
    assert (call.idempotency_key, call.stripe_account) == (None, None)


def test_everything_can_be_given(run: Run) -> None:
    call = only_call(
        run,
        'new_customer().create("w", "c", "env:STRIPE_EU_KEY", params={"a": [1, None]}, '
        'then="after_signup", on_error="only_error", idempotency_key="order-42", '
        'stripe_account="acct_1")',
    )
    assert (call.worker_id, call.context_id) == ("w", "c")
    assert (call.secret.kind, call.secret.value) == ("reference", "STRIPE_EU_KEY")
    assert call.params == {"a": [1, None]}
    assert (call.then, call.on_error) == ("after_signup", "only_error")
    assert (call.idempotency_key, call.stripe_account) == ("order-42", "acct_1")


def test_params_that_the_script_changed_are_handed_on_as_it_left_them(run: Run) -> None:
    done = run('params["step"] = 2\nnew_customer().create()', params={"order": 7})
    assert done.calls[0].params == {"order": 7, "step": 2}


def test_one_of_the_two_error_flows_is_enough_for_then(run: Run) -> None:
    assert only_call(run, 'new_customer().create(then="only_error")').then == "only_error"


def test_a_flow_knows_where_the_call_that_it_continues_was_to_go_on(run: Run) -> None:
    done = run("print(call.then, call.on_error)", answer="{}")
    assert done.output == "None None\n"


@pytest.mark.parametrize(
    ("on_error", "told"),
    [
        (
            "'only_eror'",
            "names no flow: there is no flows/only_eror_error.py; did you mean 'only_error'?",
        ),
        ("'after_signup'", "names no flow: there is no flows/after_signup_error.py"),
        ("'only_error_error'", "is given without folder and ending: on_error='only_error'"),
        (
            "'flows/only_error_error.py'",
            "is given without folder and ending: on_error='only_error'",
        ),
        ("'two words'", "is not a flow's name"),
        ("7", "must be the name of an error flow without its ending, such as 'order'"),
    ],
)
def test_the_flow_that_on_error_names_has_to_be_there(
    error_of: Callable[[str], str], on_error: str, told: str
) -> None:
    assert error_of(f"x = 1\nnew_customer().create_async(on_error={on_error})") == (
        f"flows/main.py:2: new_customer().create_async(): on_error {told}"
    )


def test_a_call_that_was_recorded_before_there_was_on_error_has_none(run: Run) -> None:
    call = only_call(run, "new_customer().create_async()")
    old = call.model_dump(mode="json")
    del old["on_error"]
    assert Call.model_validate(old) == call


def test_a_builder_may_be_used_again_and_a_call_keeps_what_was_set_before_it(run: Run) -> None:
    done = run(
        'c = new_customer().name("Ann")\nm = {"n": 1}\nc.metadata(m).create()\n'
        'm["n"] = 2\nc.name("Bob").create()'
    )
    assert [call.body for call in done.calls] == [
        "name=Ann&metadata[n]=1",
        "name=Bob&metadata[n]=2",
    ]
    assert [call.line for call in done.calls] == [3, 5]


def test_none_leaves_a_parameter_out_and_an_empty_text_is_kept(run: Run) -> None:
    assert (
        only_call(run, 'new_customer().name(None).description("").create()').body == "description="
    )


def test_decimals_and_dates_are_written_as_stripe_reads_them(run: Run) -> None:
    done = run(
        "from decimal import Decimal\nfrom datetime import datetime\n"
        'new_price().currency("usd").unit_amount_decimal(Decimal("1.50")).create()\n'
        'new_subscription().customer("cus_1").trial_end(datetime.now()).create()'
    )
    assert [call.body for call in done.calls] == [
        "currency=usd&unit_amount_decimal=1.50",
        "customer=cus_1&trial_end=1772600767",
    ]


def test_a_datetime_is_taken_where_a_time_or_anything_is(run: Run) -> None:
    (call,) = run(
        "from datetime import datetime\nnow = datetime.now()\n"
        'new_customer().unchecked("new", {"since": [now]}).create(params={"at": now})'
    ).calls
    assert call.body == "new[since][0]=1772600767"
    assert call.request == {"new": {"since": [1772600767]}}
    assert call.params == {"at": 1772600767}


@pytest.mark.parametrize("nothing", ["{}", '{"destination": None}'])
def test_an_optional_object_of_nothing_is_left_out(run: Run, nothing: str) -> None:
    call = only_call(
        run, f"new_subscription().customer('cus_1').transfer_data({nothing}).create_async()"
    )
    assert call.body == "customer=cus_1"


def test_keys_that_are_one_text_are_refused(error_of: Callable[[str], str]) -> None:
    told = error_of('new_customer().metadata({1: "a", "1": "b"}).create_async()')
    assert (
        "metadata cannot be sent: a request cannot hold a value of type dict, with two keys that are "
        "the same string" in told
    )
    told = error_of('new_customer().create_async(params={"a": {1: 1, "1": 2}})')
    assert "params may hold only" in told


def test_keys_that_are_numbers_are_texts(run: Run) -> None:
    assert (
        only_call(run, 'new_customer().metadata({1: "a"}).create_async()').body == "metadata[1]=a"
    )


def test_a_datetime_is_refused_where_no_time_is_meant(
    error_of: Callable[[str], str],
) -> None:
    told = error_of(
        "from datetime import datetime\nnow = datetime.now()\n"
        'new_payment_intent().currency("usd").amount(now).create_async()'
    )
    assert told == (
        "flows/main.py:3: new_payment_intent(): amount must be an integer in the smallest unit of "
        "usd, not a datetime"
    )


@pytest.mark.parametrize(
    ("number", "text"),
    [("0.0000001", "0.0000001"), ("1E+2", "100"), ("-0.10", "-0.10"), ("1E-9", "0.000000001")],
)
def test_a_decimal_is_written_without_an_exponent_wherever_a_number_is_taken(
    run: Run, number: str, text: str
) -> None:
    done = run(
        f'from decimal import Decimal\nnumber = Decimal("{number}")\n'
        'new_price().currency("usd").unit_amount_decimal(number).create()\n'
        'new_coupon().percent_off(number).metadata({"n": number}).create()'
    )
    assert [call.body for call in done.calls] == [
        f"currency=usd&unit_amount_decimal={text}",
        f"percent_off={text}&metadata[n]={text}",
    ]


def test_parsed_data_can_be_sent_and_handed_on(run: Run) -> None:
    answer = json.dumps({"metadata": {"order-no": "7"}, "customer": "cus_1"})
    (call,) = run(
        'new_customer().metadata(parsed_data.metadata).create(params={"was": parsed_data})',
        answer=answer,
    ).calls
    assert call.body == "metadata[order-no]=7"
    assert call.params == {"was": json.loads(answer)}


def test_nested_parameters_are_dicts_and_lists(run: Run) -> None:
    call = only_call(
        run,
        'new_subscription().customer("cus_1").items([{"price": "price_1", "quantity": 2}])'
        '.automatic_tax({"enabled": True}).expand(["latest_invoice"]).create()',
    )
    assert call.body == (
        "customer=cus_1&items[0][price]=price_1&items[0][quantity]=2"
        "&automatic_tax[enabled]=true&expand[0]=latest_invoice"
    )


def test_a_call_in_a_loop_has_the_line_of_the_one_place_that_makes_it(run: Run) -> None:
    done = run('for name in ["a", "b"]:\n    new_customer().name(name).create()')
    assert [(call.request["name"], call.line) for call in done.calls] == [("a", 2), ("b", 2)]


LINES = [
    ("if 1:\n    A\n    B\nelse:\n    A\n    B", "a2 b3"),
    ("if 0:\n    A\n    B\nelse:\n    A\n    B", "a5 b6"),
    ("for i in [1, 0]:\n    if i: A\n    else: B\nA", "a2 b3 a4"),
    ("x = 1\n[A if i else\n B for i in (0, 1, 0)]", "b3 a2 b3"),
    ("if 1: A; B", "a1 b1"),
    ("def make():\n    A\nmake()\nB\nmake()", "a2 b4 a2"),
    ("later = lambda: A\nB\nlater()", "b2 a1"),
    ("x = 0 or A\nx and B", "a1 b2"),
    ("try:\n    A\n    B\nexcept Exception:\n    A", "a2 b3"),
    ("i = 0\nwhile i < 2:\n    i += 1\n    A\n    if i > 1:\n        B", "a4 a4 b6"),
    ("match 2:\n    case 1:\n        A\n    case _:\n        B", "b5"),
    ("é = 'é'; A if 'é' else B\nif 'é': B", "a1 b2"),
    (
        "if 1:\n    (\n        new_customer()\n        .name('a')\n        .create()\n    )\n    B",
        "a5 b7",
    ),
    # one within the other, and one builder for several
    (
        "if 1:\n    new_customer().name('a').create(\n        params={'x':\n            B},\n    )\n",
        "b4 a2",
    ),
    ("b = new_customer().name('b')\nif 1:\n    b.create()\n    A\n    b.create()", "b3 a4 b5"),
    ("def send(c):\n    return c.create()\nif 1:\n    send(new_customer().name('a'))\nB", "a2 b5"),
    ("print(f\"{'x' if 0 else A}\")\nif 1: B", "a1 b2"),
    ("b = new_customer().name('b')\nif 1: b.create()\nprint(f\"{b.create()}\")", "b2 b3"),
]


@pytest.mark.parametrize(("text", "expected"), LINES)
def test_each_call_has_the_line_that_made_it(run: Run, text: str, expected: str) -> None:
    for name in "AB":
        text = text.replace(name, f"new_customer().name('{name.lower()}').create()")
    done = run(text)
    assert " ".join(f"{call.request['name']}{call.line}" for call in done.calls) == expected


def test_each_next_page_has_the_line_that_asks_for_it(tmp_path: Path) -> None:
    flow = "if len(parsed_data.data) > 1:\n    next_page()\nelse:\n    next_page(params={'x': 1})\n"
    (tmp_path / "new_list_customers_response.py").write_text(flow)
    played = play(
        script="customers().list_async()",
        answers=[
            {"data": [{"id": "cus_1"}, {"id": "cus_2"}], "has_more": True},
            {"data": [{"id": "cus_3"}], "has_more": True},
            {"data": [], "has_more": False},
        ],
        flows_dir=tmp_path,
    )
    assert [call.line for call in played.calls] == [1, 2, 4]


def test_what_is_wrong_and_what_is_odd_in_a_branch_has_its_line(
    run: Run, error_of: Callable[[str], str]
) -> None:
    odd = "customer('cus_1').retrieve_async(idempotency_key='k')"
    done = run(f"for i in (0, 1):\n    if i: {odd}\n    else:\n        {odd}")
    assert [warning.partition(": ")[0] for warning in done.warnings] == [
        "flows/main.py:4",
        "flows/main.py:2",
    ]
    assert done.output == "".join(f"warning: {warning}\n" for warning in done.warnings)
    told = error_of(
        "if 1:\n    new_customer().create()\n    (new_refund()\n     .amount('x')\n     .create())"
    )
    assert told.startswith("flows/main.py:4: new_refund(): amount must be an integer")


def test_an_error_in_a_text_whose_lines_are_noted_is_told_as_ever(
    error_of: Callable[[str], str],
) -> None:
    two = "if 1:\n    new_customer().create()\n    new_customer().create()\n"
    assert error_of(f"{two}x = (new_customer()\n  .name('a')\n  .nam('b')\n  .create())") == (
        "flows/main.py:6: new_customer() has no parameter 'nam'; did you mean 'name'?"
    )
    assert error_of(f"{two}print('so far')\nx = [1][2]").startswith("flows/main.py:5: IndexError")


def test_a_builder_that_is_not_sent_is_a_warning_with_its_line(run: Run) -> None:
    told = "new_payment_intent() was built and not sent: end it with .create_async(…)"
    done = run("x = 1\n\nnew_payment_intent().amount(5)")
    assert done.calls == ()
    assert done.warnings == (f"flows/main.py:3: {told}",)
    assert done.output == f"warning: flows/main.py:3: {told}\n"
    assert run("pi = (\n  new_payment_intent()\n  .amount(5))").warnings == (
        f"flows/main.py:2: {told}",
    )
    # Not by its text alone: in a function, and in a loop of which only the last one is sent.
    done = run(
        "def paid(n):\n    return new_payment_intent().amount(n).currency('usd')\n"
        "for n in (1, 2, 3):\n    pi = paid(n)\npi.create_async()"
    )
    assert len(done.calls) == 1
    assert done.warnings == (f"flows/main.py:2: {told}",)
    several = run("payment_intent('pi_1')\npayment_intents().limit(3)").warnings
    assert several == (
        "flows/main.py:1: payment_intent() was built and not sent: end it with "
        ".retrieve_async(…), or another of its verbs",
        "flows/main.py:2: payment_intents() was built and not sent: end it with "
        ".list_async(…), or another of its verbs",
    )


@pytest.mark.parametrize(
    "source",
    [
        "for n in (1, 2):\n    c = new_customer()\nc.create()",
        "c = new_customer()\nc.create()\nc = new_customer()\nc.name('x')",
        "c = new_customer()\nif 0: c.name('x')",
        "def f():\n    c = new_customer()\n    c.name('x')\nf()\nc = 1\nprint(c)",
        "if 1:\n    new_customer().name('x')\nelse:\n    new_customer().create()",
    ],
)
def test_what_no_branch_would_have_sent_is_a_warning(run: Run, source: str) -> None:
    (warning,) = run(source).warnings
    assert "new_customer() was built and not sent: end it with .create_async(…)" in warning


@pytest.mark.parametrize(
    "source",
    [
        "c = new_customer()\nif 0: c.create()",
        "c = new_customer()\nif 0:\n    c.name('x')\n    c.email('a@b.c').create(params={})",
        "c: object = new_customer()\nc.create() if 0 else None",
        "for n in (0, 1):\n    c = new_customer()\n    if n: c.create()",
        "def send(c):\n    c.create()\nc = new_customer()\nif 0: send(c)",
        "def f(n):\n    c = (\n        new_customer()\n    )\n    if n: c.create()\nf(0)",
        "all = [new_customer() for n in (1, 2)]\nall[0].create()",
        "c = new_customer()\nc.create()\nc.name('x').create()",
        "c = new_customer().create()",
        "import copy\nbase = new_customer()\ncopy.copy(base).create()",
        "x = new_customer",
    ],
)
def test_what_is_sent_or_copied_is_no_warning(run: Run, source: str) -> None:
    assert run(source).warnings == ()


def test_a_builder_that_was_made_in_an_f_string_is_a_warning_without_a_line(run: Run) -> None:
    (warning,) = run('len(f"{new_customer()}")').warnings
    assert warning.startswith("flows/main.py: new_customer() was built and not sent")


def test_a_script_may_use_names_of_builtins_for_its_own_things(run: Run) -> None:
    done = run(
        "type = list = dict = str = len = setattr = iter = 1\n"
        'json = print\nnew_customer().metadata(parsed_data["m"]).create("w", "c", stripe_secret)',
        answer='{"m": {"a": "b"}}',
    )
    assert done.calls[0].body == "metadata[a]=b"


def test_a_script_that_raises_makes_no_call(run: Run) -> None:
    with pytest.raises(Exception, match="ValueError: no"):
        run('new_customer().create()\nraise ValueError("no")')


def test_the_flows_that_are_shipped_run(run: Run) -> None:
    folder = Path(__file__).resolve().parents[3] / "flows"
    main = run((folder / "main.py").read_text("utf-8"), params={"customer": "cus_customer123"})
    assert main.output == "Request dispatched: payment_intent_request_dispatched\n"
    assert main.calls[0].body == "amount=2000&currency=usd&customer=cus_customer123"
    declined = run((folder / "declined.py").read_text("utf-8"))
    assert declined.calls[0].request["payment_method"] == "pm_card_chargeDeclined"
    response = run(
        (folder / "new_create_payment_intent_response.py").read_text("utf-8"),
        answer='{"id": "pi_1", "status": "requires_payment_method"}',
    )
    assert response.output == (
        "✅ Payment Intent Created: pi_1\nStatus: requires_payment_method\n"
        "Ready for frontend payment collection\n"
    )
    error = run(
        (folder / "new_create_payment_intent_error.py").read_text("utf-8"),
        answer='{"error": {"type": "card_error", "message": "Your card was declined."}}',
        kind="error",
    )
    assert error.output == (
        "❌ Payment Intent Failed: card_error\nMessage: Your card was declined.\n"
        "Card was declined\n"
    )
