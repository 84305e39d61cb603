"""A mistake in a script is told with its flow, its line and the nearest right name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stripe_flows.engine.diagnose.not_in_sandbox import MODULES
from stripe_flows.engine.errors import ScriptFailed, ScriptRejected
from stripe_flows.engine.types import JSONObject
from tests.unit.engine.conftest import Run

ErrorOf = Callable[[str], str]


def test_an_unknown_setter(error_of: ErrorOf) -> None:
    assert error_of('new_payment_intent()\\\n    .currency("usd")\\\n    .amonut(2000)') == (
        "flows/main.py:3: new_payment_intent() has no parameter 'amonut'; did you mean 'amount'?"
    )


def test_a_wrong_type_has_the_line_of_its_setter_in_the_chain(error_of: ErrorOf) -> None:
    source = (
        "payment_intent = (\n    new_payment_intent()\n    .amount(\n        '2000'\n    )\n"
        "    .currency('usd')\n)\npayment_intent.create_async()"
    )
    assert error_of(source).startswith("flows/main.py:3: new_payment_intent(): amount must be an")


def test_a_wrong_value_inside_a_loop_and_a_function(error_of: ErrorOf) -> None:
    source = (
        "def customer(name):\n    c = new_customer()\n    c.name(name)\n    return c\n\n"
        "for name in ['a', True]:\n    customer(name).create()"
    )
    assert (
        error_of(source) == "flows/main.py:3: new_customer(): name must be a string, not a boolean"
    )


def test_a_missing_required_parameter_has_the_line_of_create_async(error_of: ErrorOf) -> None:
    source = "p = new_payment_intent().amount(1)\n\n(\n    p\n    .create_async()\n)"
    assert error_of(source) == "flows/main.py:5: new_payment_intent() needs 'currency'"


def test_all_mistakes_are_told_each_with_its_line(error_of: ErrorOf) -> None:
    source = (
        "new_payment_intent()\\\n    .amount('1')\\\n    .confirm('yes')\\\n    .create_async()\n"
        "new_customer()\\\n    .name(False)\\\n    .create()"
    )
    told = error_of(source)
    assert told.startswith("flows/main.py:2: new_payment_intent(): amount must be an integer")
    assert "; line 3: new_payment_intent(): confirm must be True or False" in told
    assert "; line 4: new_payment_intent() needs 'currency'" in told
    assert told.endswith("; line 6: new_customer(): name must be a string, not a boolean")


def test_setters_that_are_not_there_are_told_with_all_other_mistakes(error_of: ErrorOf) -> None:
    told = error_of(
        "new_refund()\\\n.amuont(5)\\\n.reson('x')\\\n.charge(True)\\\n.create_async()\n"
        "new_payment_intent().amonut(1).create_async()"
    )
    assert told == (
        "flows/main.py:2: new_refund() has no parameter 'amuont'; did you mean 'amount'?"
        "; line 3: new_refund() has no parameter 'reson'; did you mean 'reason'?"
        "; line 4: new_refund(): charge must be a string, not a boolean"
        "; line 6: new_payment_intent() has no parameter 'amonut'; did you mean 'amount'?"
        "; line 6: new_payment_intent() needs 'currency'"
    )


@pytest.mark.parametrize(
    "after",
    ["", ".crate_async()", "\nraise ValueError('no')", ".create_async()\nwhile True: pass"],
)
def test_a_setter_that_is_not_there_is_told_where_the_script_cannot_go_on(
    error_of: ErrorOf, after: str
) -> None:
    assert error_of(f"c = new_customer()\nc.nmae('a'){after}") == (
        "flows/main.py:2: new_customer() has no parameter 'nmae'; did you mean 'name'?"
    )


def test_a_setter_without_a_value(error_of: ErrorOf) -> None:
    assert error_of("c = new_customer()\nc.name()") == (
        "flows/main.py:2: name() takes exactly one value"
    )
    assert "takes exactly one value" in error_of("c = new_customer()\nc.name(1, 2)")


def test_a_script_cannot_catch_its_way_to_a_wrong_call(error_of: ErrorOf) -> None:
    told = error_of(
        "p = new_payment_intent().amount(1).currency('usd')\ntry:\n    p.custommer('cus_1')\n"
        "except AttributeError:\n    pass\np.create_async()"
    )
    assert told == (
        "flows/main.py:3: new_payment_intent() has no parameter 'custommer'; "
        "did you mean 'customer'?"
    )
    told = error_of(
        "try:\n    new_payment_intent().amount('x').currency('usd').create_async()\n"
        "except BaseException:\n    pass"
    )
    assert told.startswith("flows/main.py:2: new_payment_intent(): amount must be")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (
            "new_paymnt_intent()",
            "there is no new_paymnt_intent(); did you mean 'new_payment_intent'?",
        ),
        ("print(parms)", "'parms' is not defined; did you mean 'params'?"),
        ("parsed_data.id", "parsed_data is there only in a flow that continues a call's response"),
        ("call.id", "call is there only in a flow that continues a call"),
        (
            "new_customer().create(thn='x')",
            "create_async() has no parameter 'thn'; did you mean 'then'?",
        ),
        ("new_customer().create('not good!')", "worker_id must be 1 to 64 letters, digits"),
        ("new_customer().create('w', 'a\\nb')", "context_id must be 1 to 200 printable"),
        ("new_customer().create(then='after_signpu')", "did you mean 'after_signup'?"),
        ("new_customer().create(then='../x')", "then is not a flow's name"),
        ("new_customer().create(then=3)", "then must be the name of a flow"),
        ("new_customer().create(idempotency_key='')", "idempotency_key must be 1 to 255"),
        ("new_customer().create(idempotency_key='k' * 256)", "idempotency_key must be 1 to 255"),
        ("new_customer().create(idempotency_key='a\\nb')", "idempotency_key must be 1 to 255"),
        ("new_customer().create(stripe_account='a b')", "stripe_account must be the id of"),
        ("new_customer().create(params=[1])", "params must be a dict"),
        ("new_customer().create(params={'a': {1}})", "params may hold only strings, numbers"),
        ("new_customer().create(params={'a': 'x' * 65536})", "the limit is 65,536"),
        ("new_customer().name('x' * 262144).create()", "the limit is 262,144"),
        ("new_customer().metadata({'a': {1}}).create()", "metadata.a must be a string"),
        (
            "new_customer().name({1}).create()",
            "name cannot be sent: a request cannot hold a value of type set",
        ),
        ("import socket", "a script cannot import socket: a script has no network"),
        ("from json import nope", "a script cannot import that: cannot import name 'nope'"),
        ("new_customer() + 1", "unsupported operand type(s) for +: new_customer and 'int'"),
        ("raise ValueError('no such plan')", "ValueError: no such plan"),
        ("assert 1 == 2, 'sum'", "AssertionError: sum"),
    ],
)
def test_one_clear_line_for(error_of: ErrorOf, source: str, told: str) -> None:
    text = error_of(f"\n{source}")
    assert text.startswith("flows/main.py:2: ")
    assert told in text
    assert "_sf_" not in text


def test_the_limits_of_then_and_keys_are_exact(run: Run) -> None:
    assert run("new_customer().create(idempotency_key='k' * 255)").calls
    assert run("new_customer().create('w' * 64, 'c' * 200)").calls
    assert run("new_customer().create(params={'a': 'x' * 65528})").calls


def test_one_idempotency_key_for_two_different_calls_is_refused(
    error_of: ErrorOf, run: Run
) -> None:
    same = "new_customer().name('a').create(idempotency_key='k')\n"
    assert len(run(same * 2).calls) == 2
    told = error_of(f"{same}new_customer().name('b').create(idempotency_key='k')")
    assert told.startswith("flows/main.py:2: ")
    assert "idempotency_key is that of another call of this script" in told


@pytest.mark.parametrize("access", ["parsed_data.statsu", "parsed_data['statsu']"])
def test_a_missing_field_of_parsed_data_is_told_with_the_nearest(run: Run, access: str) -> None:
    with pytest.raises(ScriptFailed) as caught:
        run(f"\nprint({access})", answer='{"status": "x"}')
    assert str(caught.value) == (
        "flows/main.py:2: parsed data has no field 'statsu'; did you mean 'status'?"
    )


def test_a_syntax_error_has_its_line(error_of: ErrorOf) -> None:
    assert error_of("new_customer()\nx = = 1").startswith("flows/main.py:2: cannot be read")


@pytest.mark.parametrize(
    ("source", "line", "told"),
    [
        ("x = (", 1, "'(' is never closed"),
        ("x = (  # a bracket ) in a comment\ny = ']'", 1, "'(' is never closed"),
        ("x = 1\nf([1, 2],\n  {'a': (1)}\n\n\n", 2, "'(' is never closed"),
        ("x = 1\nif True:", 2, "Expected an indented block"),
        ("x = 1\nif True:\n\n\n", 2, "Expected an indented block"),
        ("x = (1]\n", 1, "Expected"),
        ("x = = 1\ny = (", 1, "Expected an expression"),
        ('x = ("""\n)', 1, "missing closing quote"),
    ],
)
def test_what_is_left_open_is_told_where_it_begins(
    error_of: ErrorOf, source: str, line: int, told: str
) -> None:
    text = error_of(source)
    assert text.startswith(f"flows/main.py:{line}: cannot be read: {told}")


@pytest.mark.parametrize("params", [{}, {"a": 1}])
def test_a_return_outside_of_a_function_is_refused_whether_it_is_reached_or_not(
    run: Run, params: JSONObject
) -> None:
    with pytest.raises(ScriptRejected) as caught:
        run("new_customer().create()\nif params:\n    return []", params=params)
    assert caught.value.line == 3


def test_a_return_in_a_function_is_none_of_the_scripts(run: Run) -> None:
    assert run("def f():\n    return 1\nprint(f())").output == "1\n"


def test_a_key_on_what_is_no_post_is_warned_of_and_sent(run: Run) -> None:
    done = run(
        "customer('cus_1').retrieve_async(idempotency_key='k')\n"
        "customer('cus_1').delete_async(idempotency_key='k')\n"
        "customer('cus_1').name('a').update_async(idempotency_key='k')"
    )
    assert [call.method for call in done.calls] == ["GET", "DELETE", "POST"]
    assert done.output == (
        "warning: flows/main.py:1: customer().retrieve_async(): idempotency_key does nothing here: "
        "Stripe ignores it on a GET\n"
        "warning: flows/main.py:2: customer().delete_async(): idempotency_key does nothing here: "
        "Stripe ignores it on a DELETE\n"
    )


def test_a_flow_in_the_place_of_a_worker_is_warned_of(run: Run) -> None:
    done = run("new_customer().create('after_signup')")
    assert done.calls[0].worker_id == "after_signup"
    assert done.output == (
        "warning: flows/main.py:1: new_customer(): worker_id 'after_signup' is also where "
        "flows continue; is then='after_signup' meant?\n"
    )


def test_what_looks_like_another_argument_is_warned_of_and_sent(run: Run) -> None:
    done = run(
        "made = new_customer().create()\nnew_product().name(made).create()\n"
        "customer(made).retrieve_async('cus_Abc')\nrefund('re_1').retrieve_async('card-worker')"
    )
    assert [call.worker_id for call in done.calls][2:] == ["cus_Abc", "card-worker"]
    later = "Stripe's answer comes to the flow that continues it, as parsed_data"
    assert done.output.splitlines() == [
        "warning: flows/main.py:2: new_product(): name is the string that a call returns at once; "
        f"{later}",
        "warning: flows/main.py:3: customer().retrieve_async(): customer is the string that a call "
        f"returns at once; {later}",
        "warning: flows/main.py:3: customer().retrieve_async(): worker_id 'cus_Abc' looks like the id "
        "of a customer; setters, before the verb, take what is to be sent",
    ]


def test_what_is_assigned_to_a_builder_is_never_lost_without_a_word(
    error_of: ErrorOf, run: Run
) -> None:
    told = "cannot be assigned: a builder is set by calls, such as"
    assert f"main.py:2: name {told} .name(…)" in error_of(
        "c = new_customer()\nc.name = 'Ann'\nc.create()"
    )
    assert f"main.py:3: phone {told}" in error_of(
        "c = new_customer()\nc.name('Ann')\nc.phone = '1'\nc.create()"
    )
    done = run("c = new_customer().name('Ann')\nc.note = 'x'\nc.create()\nprint(c.note)")
    assert (done.calls[0].body, done.output) == ("name=Ann", "x\n")
    done = run(
        "class Box:\n    pass\n\nbox = Box()\nbox.name = 'Ann'\n"
        "new_customer().name(box.name).create()"
    )
    assert done.calls[0].body == "name=Ann"


def test_a_method_that_is_not_there_is_told_alike_where_its_error_may_be_caught(
    error_of: ErrorOf,
) -> None:
    told = error_of(
        "p = payment_intent('pi_1')\ntry:\n    p.capture()\nexcept AttributeError:\n"
        "    pass\np.confirm_async()"
    )
    assert told == (
        "flows/main.py:3: payment_intent() has no capture(); did you mean 'capture_async'?"
    )


def test_what_can_be_imported_is_what_the_messages_say(run: Run) -> None:
    run("".join(f"import {name}\n" for name in MODULES))


def test_what_the_sandbox_does_not_have_is_told_by_name(error_of: ErrorOf) -> None:
    assert error_of("new_customer()\ndef f():\n    yield 1") == (
        "flows/main.py:3: a script cannot use yield expressions"
    )


def test_what_was_printed_before_the_error_is_kept(run: Run) -> None:
    with pytest.raises(ScriptFailed) as caught:
        run("print('before')\n1 / 0")
    assert caught.value.output == "before\n"
