"""Flows are read without being run: each mistake is one line with its place, what is right is none."""

from __future__ import annotations

import time
from collections.abc import Collection
from pathlib import Path

import pytest

from stripe_flows.engine.check import calls, folder
from stripe_flows.engine.check.flows import check_flows
from stripe_flows.engine.continuation import Continuations
from stripe_flows.engine.flow import FlowFolder
from stripe_flows.engine.sandbox.builders import written
from stripe_flows.engine.stripe.catalog import stripe_catalog

ROOT = Path(__file__).resolve().parents[3]

ENDS = {"default_response": "", "default_error": ""}
"""Flows with which no call is without a continuation."""

INTENT = 'new_payment_intent().amount(1).currency("usd")'


def said(source: str, flow: str = "main", **others: str) -> list[str]:
    """What is said of one flow among others, a line each."""
    found = check_flows({**ENDS, **others, flow: source}, {flow})
    return [
        f"{one.flow}:{one.line}:{one.column}: {'note: ' if one.note else ''}{one.message}"
        for one in found
    ]


MISTAKES = [
    # what cannot be read
    ("x = (", "main:1:5: cannot be read: '(' is never closed"),
    ("x = 1\nfor:\n  pass", "main:2:4: cannot be read: Expected an expression"),
    ("ü = 1; é = )", "main:1:12: cannot be read: Expected an expression"),
    ("f(a=1, a=2)", "main:1:8: cannot be read: keyword argument repeated: a"),
    # what the sandbox does not have
    ("class A(int):\n  pass", "main:1:1: a script cannot use class inheritance and metaclasses"),
    ("def f():\n  yield 1", "main:2:3: a script cannot use yield expressions"),
    ("x = 1\ndel x", "main:2:1: a script cannot use 'del' statement"),
    (
        "x = 1\nimport socket",
        "main:2:1: a script cannot import socket: a script has no network, "
        "it only records calls to Stripe",
    ),
    # names
    (
        "new_paymentintent()",
        "main:1:1: there is no new_paymentintent(); did you mean 'new_payment_intent'?",
    ),
    (
        "x = payment_intnet('pi_1')",
        "main:1:5: 'payment_intnet' is not defined; did you mean 'payment_intent'?",
    ),
    (
        "new_v2_core_event_destination()",
        "main:1:1: there is no new_v2_core_event_destination(): "
        "Stripe's API v2 is not reached, only v1",
    ),
    ("x = 1\nprint(y)", "main:2:7: 'y' is not defined"),
    ("print(parms)", "main:1:7: 'parms' is not defined; did you mean 'params'?"),
    (
        "print(parsed_data.id)",
        "main:1:7: parsed_data is there only in a flow that continues a call's response",
    ),
    # setters and verbs
    (
        "(\n    new_payment_intent()\n    .amuont(1)\n    .currency('usd')\n    .create_async()\n)",
        "main:3:6: new_payment_intent() has no parameter 'amuont'; did you mean 'amount'?",
    ),
    (
        "é = 'é'; new_payment_intent().amuont(1)",
        "main:1:31: new_payment_intent() has no parameter 'amuont'; did you mean 'amount'?",
    ),
    (
        "payment_intent('pi_1').captur_async()",
        "main:1:24: payment_intent() has no captur_async(); did you mean 'capture_async'?",
    ),
    (
        "balance().delete_async()",
        "main:1:11: balance() has no delete_async(); it has retrieve_async",
    ),
    (
        "pi = new_payment_intent()\npi.amuont(1)",
        "main:2:4: new_payment_intent() has no parameter 'amuont'; did you mean 'amount'?",
    ),
    (
        "pi = new_payment_intent()\npi = pi.amount(1)\nif params:\n    pi = pi.curency('usd')",
        "main:4:13: new_payment_intent() has no parameter 'curency'; did you mean 'currency'?",
    ),
    ("new_payment_intent().amount()", "main:1:22: amount() takes exactly one value"),
    (
        f"{INTENT}.create_async(thn='x')",
        "main:1:48: create_async() has no parameter 'thn'; did you mean 'then'?",
    ),
    (
        f"{INTENT}.create_async('w', 'c', stripe_secret, params)",
        "main:1:86: create_async() takes worker_id, context_id, stripe_secret by position; "
        "name the others: then='…'",
    ),
    (
        "payment_intent(id='pi_1').confirm_async()",
        "main:1:1: payment_intent() takes ids by position, without 'id'; setters take the rest",
    ),
    # calls, as the engine judges them
    (
        "payment_intent('pi_1')\\\n  .amount(5)\\\n  .capture_async()",
        "main:2:4: payment_intent().capture_async() has no parameter 'amount'; "
        "did you mean 'amount_details'?",
    ),
    (
        "new_payment_intent().amount(1).create_async()",
        "main:1:32: new_payment_intent() needs 'currency'",
    ),
    (
        "pi = new_payment_intent().amount(1)\npi.customer('cus_1')\npi.create_async()",
        "main:3:4: new_payment_intent() needs 'currency'",
    ),
    (
        f"{INTENT}.capture_method(7).create_async()",
        "main:1:48: new_payment_intent(): capture_method must be a string, not an integer",
    ),
    (
        "new_refund().charge('ch_1').amount(1.5).create_async()",
        "main:1:29: new_refund(): amount must be an integer in the smallest unit of the currency, "
        "such as cents, not a float: an amount in that unit already needs round(…) alone; 19.99 of a "
        "currency with two decimals is round(19.99 * 100), 1999 of one without, such as jpy, is "
        "round(1999.0); a half is rounded to the even number",
    ),
    (
        "payment_intent().retrieve_async()",
        "main:1:18: payment_intent().retrieve_async() takes 1 id (intent) in payment_intent(…), "
        "not 0",
    ),
    (
        f"{INTENT}.create_async('no spaces')",
        "main:1:48: new_payment_intent().create_async(): worker_id must be 1 to 64 letters, "
        "digits, dots, dashes or underscores",
    ),
    (
        f"{INTENT}.create_async(then='after_singup')",
        "main:1:48: new_payment_intent().create_async(): then names no flow: there is no "
        "flows/after_singup_response.py; did you mean 'after_signup'?",
    ),
    (
        "new_file().create_async()",
        "main:1:12: new_file() is not reached: Stripe takes it on another host, "
        "as multipart or binary data",
    ),
    # what may well be meant
    (
        "customer('cus_1').delete_async(idempotency_key=params['key'])",
        "main:1:19: note: customer().delete_async(): idempotency_key does nothing here: "
        "Stripe ignores it on a DELETE",
    ),
    (
        f"{INTENT}.create_async('after_signup')",
        "main:1:48: note: new_payment_intent(): worker_id 'after_signup' is also "
        "where flows continue; is then='after_signup' meant?",
    ),
    (
        "for one in customers().list_async():\n    print(one)",
        "main:1:12: note: list_async() returns a string at once, not the list; "
        "it comes to the flow that continues it, as parsed_data.data",
    ),
    (
        "payment_method('pm_1').attach_async('cus_1')",
        "main:1:24: note: payment_method().attach_async(): worker_id 'cus_1' looks like the id of "
        "a customer; setters, before the verb, take what is to be sent",
    ),
    (
        "done = new_customer().create_async()\ncustomer(done).retrieve_async()",
        "main:2:16: note: customer().retrieve_async(): customer is the string that a call returns "
        "at once; Stripe's answer comes to the flow that continues it, as parsed_data",
    ),
    (
        "done = new_customer().create_async()\nnew_product().name(done).create_async()",
        "main:2:26: note: new_product(): name is the string that a call returns at once; "
        "Stripe's answer comes to the flow that continues it, as parsed_data",
    ),
    # what is made ready and never sent
    (
        "new_payment_intent().amount(2000)",
        "main:1:1: note: new_payment_intent() was built and not sent: end it with .create_async(…)",
    ),
    (
        "pi = new_payment_intent().amount(2000)\npi.currency('usd')",
        "main:1:6: note: new_payment_intent() was built and not sent: end it with .create_async(…)",
    ),
    (
        "customer('cus_1').name('Ann')",
        "main:1:1: note: customer() was built and not sent: "
        "end it with .retrieve_async(…), or another of its verbs",
    ),
    (
        f"pi = {INTENT}\nprint(pi.create_async)",
        "main:2:10: note: nothing is sent: create_async needs its brackets, create_async()",
    ),
    (
        "c = customer('cus_1')\nprint(f'done: {c.retrieve_async}')",
        "main:2:18: note: nothing is sent: retrieve_async needs its brackets, retrieve_async()",
    ),
    (
        f"{INTENT}.create_async",
        "main:1:48: note: nothing is sent: create_async needs its brackets, create_async()",
    ),
    (
        f"def main():\n    {INTENT}.create_async()",
        "main:1:1: note: nothing of it is sent: main is never used",
    ),
    (
        "class Flow:\n    def run(self):\n        customer('cus_1').retrieve_async()",
        "main:1:1: note: nothing of it is sent: Flow is never used",
    ),
    (
        "print(f'made {new_customer()}')",
        "main:1:15: note: new_customer() was built and not sent: end it with .create_async(…)",
    ),
    (
        f"pi = {INTENT}\npi.create_async()\nprint(pi.create_async())",
        "main:3:10: note: this makes a second payment_intent, the same as before",
    ),
    (
        f"{INTENT}.create_async(stripe_secret='sk_test_abc123')",
        "main:1:75: note: this file contains a Stripe key: "
        "pass stripe_secret on, or 'env:STRIPE_…'",
    ),
    (
        "payment_intent('cus_1').retrieve_async()",
        "main:1:25: note: payment_intent().retrieve_async(): intent begins with cus_, as the id "
        "of a customer does; expected pi_…",
    ),
]


@pytest.mark.parametrize(
    "between", ["if worker_id:\n    pi.amount(3)", "for n in [3]:\n    pi.amount(n)"]
)
def test_what_may_be_changed_in_between_is_no_second_one(between: str) -> None:
    assert said(f"pi = {INTENT}\npi.create_async()\n{between}\npi.create_async()") == []


def test_where_flows_continue_is_gathered_once_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    gathered: list[object] = []

    class Counted(Continuations):
        def __init__(self, flow_names: Collection[str]) -> None:
            gathered.append(flow_names)
            super().__init__(flow_names)

    for module in (calls, folder):
        monkeypatch.setattr(module, "Continuations", Counted)
    said("new_customer().create(then='x')\n" * 20)
    assert len(gathered) == 1


def test_what_is_assigned_to_a_builder_may_be_a_setter_mistyped() -> None:
    told = "cannot be assigned: a builder is set by calls, such as"
    assert said("c = new_customer()\nc.name = 'x'\nc.nmae = 'x'\nc.create()") == [
        f"main:2:3: name {told} .name(…)",
        "main:3:3: note: new_customer() has no parameter 'nmae'; did you mean 'name'?",
    ]


def test_setters_that_are_not_there_are_told_with_all_other_mistakes_of_the_call() -> None:
    assert said(
        'new_refund().amuont(5).charge(5).create_async()\nrefund("").reson("x").update_async()',
        after_signup_response="",
        new_create_refund_response="",
        new_update_refund_response="",
    ) == [
        "main:1:14: new_refund() has no parameter 'amuont'; did you mean 'amount'?",
        "main:1:24: new_refund(): charge must be a string, not an integer",
        "main:2:12: refund() has no parameter 'reson'",
        "main:2:23: refund().update_async(): refund must be an id, but is empty",
    ]


@pytest.mark.parametrize(("source", "line"), MISTAKES)
def test_each_mistake_is_one_line_with_its_place(source: str, line: str) -> None:
    (only,) = said(source, after_signup_response="")
    assert only == line


RIGHT = [
    "customer('cus_1').name('a').update_async(idempotency_key='k')",
    "pi = new_payment_intent()\npi.amount(1).currency('usd').create_async()",
    "pi = new_payment_intent().amount(1).currency('usd')\npi.create_async()\npi.amount(2)\n"
    "pi.create_async()",
    "pi = new_payment_intent().amount(1).currency('usd')\nif params:\n    pi.create_async()\n"
    "else:\n    pi.create_async(then='after_signup')",
    "c = customer('cus_1')\nsend = c.retrieve_async\nsend()",
    "def send(b):\n    b.retrieve_async()\n\nsend(customer('cus_1'))\nsend(customer('cus_2'))",
    "makers = [customer('cus_1'), customer('cus_2')]\nfor one in makers:\n    one.retrieve_async()",
    "def unused():\n    return 1",
    f"text = {INTENT}.create_async()\nprint(text.upper(), text[0])",
    "print(params.get('a'), params.items())",
    "params = params['inner']\nprint(params.anything)",
    "class Box:\n    pass\n\nbox = Box()\nbox.name = 'Ann'",
    "def open(x):\n    return x\n\nopen('x')",
    "import os\ntry:\n    print(os.environ)\nexcept RuntimeError:\n    pass",
    "# nothing\n",
    f"{INTENT}.create_async()",
    f"{INTENT}.create_async(worker_id, context_id, stripe_secret, then=params['then'])",
    f"{INTENT}.create_async(*['worker-1'], **params)",
    f"{INTENT}.create_async(then='after_signup')",
    "new_payment_intent().amount(params['cents']).currency(params.get('currency')).create()",
    "pi = new_payment_intent()\npi.amount(1)\nif params:\n    pi.currency('usd')\npi.create_async()",
    "def fill(b):\n    return b.currency('usd').nonsense\n\npi = new_payment_intent().amount(1)\n"
    "fill(pi)\npi.create_async()",
    "payment_intent = new_payment_intent().amount(1).currency('usd')\n"
    "print(payment_intent.create_async())",
    "c = customer('cus_1')\nc.retrieve_async()\nc.email('a@example.com')\nc.update_async()",
    "c = customer('cus_1').email(None)\nc.email('x').update_async()",
    "pi = new_payment_intent().amount(1).currency(None)\npi.currency('usd')\npi.create_async()",
    "b = new_customer() if params else new_product()\nb.name('x').create_async()",
    "b = new_customer()\nb = customer('cus_1')\nb.retrieve_async()",
    "for customer in params['customers']:\n    customer.anything()",
    "def new_thing():\n    return 1\nnew_thing()",
    "ids = ['cus_1', 'txi_1']\ncustomer_tax_id(*ids).retrieve_async()",
    "account().retrieve_async()\naccount('acct_1').retrieve_async()",
    "new_payment_intent().unchecked('amount', 1).unchecked('currency', 'usd').create_async()",
    "try:\n    import socket\nexcept ImportError:\n    socket = None\nprint(socket)",
    "try:\n    print(parsed_data)\nexcept NameError:\n    pass",
    "import json\nfrom datetime import datetime\nprint(json.dumps([datetime.now().year]))",
    "print([x for x in range(3)], lambda y: y, sum(a * b for a, b in [(1, 2)]))",
    "match params:\n    case {'a': a, **rest}:\n        print(a, rest)\n    case [*some]:\n"
    "        print(some)",
    "if (n := len(params)) > 1:\n    print(n)",
]


@pytest.mark.parametrize("source", RIGHT)
def test_what_is_right_is_passed_over(source: str) -> None:
    assert said(source, after_signup_response="") == []


def test_every_operation_with_its_required_parameters_unknown_is_right() -> None:
    catalog = stripe_catalog()
    lines = []
    for operation in catalog.operations.values():
        if operation.host == "api":
            begin, _, verb = written(operation).rpartition(".")
            ids = ", ".join(f"params['{name}']" for name in operation.path_parameters)
            setters = "".join(
                f".unchecked({name!r}, params[{name!r}])" for name in operation.required
            )
            lines.append(f"{begin.partition('(')[0]}({ids}){setters}.{verb}\n")
    assert said("".join(lines)) == []


def test_nothing_of_a_flow_is_run() -> None:
    started = time.monotonic()
    assert said("while True:\n    pass\n") == []
    assert said("raise ValueError\n") == []
    assert time.monotonic() - started < 2


def test_all_mistakes_of_a_flow_are_told_in_order() -> None:
    source = "nope()\nnew_refund().amuont(1).create_async()\ncustomer().delet_async()"
    assert [line.split(":")[1] for line in said(source)] == ["1", "2", "3"]


def test_a_call_without_a_flow_for_its_response_is_a_note() -> None:
    source = f"{INTENT}.create_async()"
    (found,) = check_flows({"main": source})
    assert found.note
    assert (found.line, found.column) == (1, 48)
    assert found.message == (
        "no flow continues a response (new_create_payment_intent_response): "
        "it ends this branch, and an error fails the run"
    )
    assert check_flows({"main": source, "new_create_payment_intent_response": ""}) == []
    assert check_flows({"main": source, "default_response": ""}) == []


@pytest.mark.parametrize(
    ("flow", "message"),
    [
        (
            "new_creat_customer_response",
            "nothing leads here: there is no operation 'creat_customer'; "
            "did you mean 'create_customer'?",
        ),
        ("new_delete_customer_error", "nothing leads here: no flow calls delete_customer"),
        ("after_signup_unknown", "nothing leads here: no call has then='after_signup'"),
    ],
)
def test_a_flow_to_which_no_answer_leads_is_a_note(flow: str, message: str) -> None:
    main = "new_customer().create_async()"
    (found,) = check_flows({"main": main, flow: "", "new_create_customer_response": ""})
    assert (found.flow, found.line, found.note, found.message) == (flow, 1, True, message)


@pytest.mark.parametrize(
    "main",
    [
        "customer('cus_1').delete_async(then='after_signup')",
        "new_customer().create_async(then=params['then'])\ncustomer('cus_1').delete_async()",
        "def end(b):\n    return b.delete_async(**params)\n\nend(customer('cus_1'))",
    ],
)
def test_a_flow_to_which_an_answer_may_lead_is_passed_over(main: str) -> None:
    flows = {"after_signup_error": "", "new_delete_customer_response": "", "default_response": ""}
    assert check_flows({"main": main, **flows}) == []


def test_an_answers_names_are_those_of_its_kind() -> None:
    assert said("print(parsed_data.url, call.id, next_page())", "new_list_customers_response") == [
        "new_list_customers_response:1:1: note: nothing leads here: no flow calls list_customers"
    ]
    (line, *_) = said("print(parsed_data.id)", "default_error")
    assert "parsed_data is there only in a flow that continues a call's response" in line


def test_the_repositorys_own_flows_have_no_mistakes() -> None:
    texts, _ = FlowFolder(ROOT / "flows").survey()
    assert len(texts) > 3
    assert check_flows(texts) == []


@pytest.mark.parametrize(
    "text", ["import {}", "from {} import x", "new_{}()", "x = {}", "{}.x", "f.{}"]
)
def test_no_finding_shows_a_key(text: str) -> None:
    key = "sk_live_51AbCdEfGhIjKlMnOp"
    found = said(text.format(key)) + said("x = 1", f"new_{key}_response")
    assert len(found) == 2
    assert "51AbCdEfGhIjKlMnOp" not in str([one.partition(" ")[2] for one in found])


def test_an_error_flow_that_on_error_names_is_reached() -> None:
    call = "new_customer().create_async(then='after', on_error={})"
    flows = {"order_error": "print(call.on_error)", "after_response": ""}
    assert not check_flows({"main": call.format("'order'"), **flows})
    assert not check_flows({"main": call.format("params['x']"), **flows})
    (unreached,) = check_flows({"main": call.format("None"), **flows})
    assert unreached.message == "nothing leads here: no call has then='order' or on_error='order'"
    found = check_flows({"main": call.format("'ordre'"), **flows})
    assert "on_error names no flow: there is no flows/ordre_error.py" in found[0].message
    assert not found[0].note


def test_a_default_for_what_is_unknown_is_told_that_there_is_none() -> None:
    (told,) = said("print(1)", "default_unknown")
    assert told == (
        "default_unknown:1:1: note: nothing leads here: unknown outcomes have no default, "
        "only <then>_unknown and new_<operation>_unknown"
    )


READING = "is a setter and holds no value: "


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("print(customer('cus_1').email)", f"note: email {READING}customer() only prepares a call"),
        ("if customer('cus_1').email == 'x': pass", f"note: email {READING}"),
        ("c = new_customer()\nc.name('x').create_async()\nprint(f'{c.name}')", f"name {READING}"),
        ("set_name = new_customer().name\nset_name('x').create_async()", ""),
        (
            "new_payment_intent().amount(1).amount(2).currency('usd').create_async()",
            "main:1:32: note: amount was set before in this call: the first value is lost",
        ),
        ("c = new_customer().name('a')\nif params: c.name('b')\nc.create_async()", ""),
    ],
)
def test_a_value_read_or_set_in_vain(source: str, told: str) -> None:
    found = said(source)
    assert len(found) == (1 if told else 0)
    assert told in "".join(found)


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("parsed_data.name = 'x'", 1),
        ("parsed_data.address.city = 'x'", 1),
        ("parsed_data = params\nparsed_data.name = 'x'", 0),
        ("class A: pass\na = A()\na.name = parsed_data.name", 0),
    ],
)
def test_an_answer_that_is_changed_changes_nothing_at_stripe(text: str, notes: int) -> None:
    found = [one for one in said(text, "default_response") if "changes nothing at Stripe" in one]
    assert len(found) == notes
    assert all(": note: " in one for one in found)


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import datetime\nclock = datetime\nprint(clock.now())",
        "class Words:\n    def translate(self):\n        return 1\n\nprint(Words().translate())",
        "import time\nprint(time.ctime(1))",
        "for one in [[1], 'a', {}]:\n    print(one.index(1), one.get(1), one.hex())",
        "print(next(iter(x for x in [1])))",
    ],
)
def test_nothing_is_said_of_a_method_that_may_be_there(source: str) -> None:
    assert [one for one in said(source) if "is not there" in one or "next()" in one] == []


def test_a_method_that_is_tried_is_a_note() -> None:
    (told,) = said("try:\n    'a'.translate({})\nexcept AttributeError:\n    print('none')")
    assert told.startswith("main:2:9: note: translate() is not there")
