"""Amounts of money: what a script is told that gives a float, a text or a Decimal for one."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from stripe_flows.engine.check.flows import check_flows
from stripe_flows.engine.stripe.currencies import (
    CURRENCIES,
    THREE_DECIMAL,
    WHOLE_UNITS,
    ZERO_DECIMAL,
    currency_at,
    integer_advice,
    is_money,
)
from stripe_flows.engine.types import JSONObject
from tests.unit.engine.conftest import Run

CODE = re.compile(r"([\d.]+) (\w+) is (\d+), written (.+?)(?:;|,|:)")

# The amount, in units, and what Stripe takes for it (Stripe's document "Supported currencies").
WORTH = [
    ("usd", "19.99", 1999),
    ("eur", "19.99", 1999),
    ("huf", "19.99", 1999),
    ("twd", "19.99", 1999),
    ("jpy", "1999", 1999),
    ("krw", "1999", 1999),
    ("kwd", "19.99", 19990),
    ("tnd", "19.99", 19990),
    ("isk", "1999", 199900),
    ("ugx", "1999", 199900),
]


@pytest.mark.parametrize("value", ["19.99", "'19.99'", "Decimal('19.99')"])
@pytest.mark.parametrize(("currency", "units", "amount"), WORTH)
def test_the_advice_for_an_amount_is_code_that_gives_the_right_number(
    run: Run, error_of: Callable[[str], str], value: str, currency: str, units: str, amount: int
) -> None:
    source = f"new_payment_intent().currency('{currency}').amount({value}).create_async()"
    told = error_of(f"from decimal import Decimal\n{source}")
    found = CODE.search(told)
    assert found is not None, told
    assert found.groups()[:3] == (units, currency, str(amount))
    # Pasted into the flow, it is what is sent.
    pasted = source.replace(value, found[4])
    before = "from decimal import Decimal\n" if "from decimal import Decimal" in told else ""
    (call,) = run(before + pasted).calls
    assert f"amount={amount}" in call.body
    assert call.request["amount"] == amount


@pytest.mark.parametrize("currency", ["huf", "twd"])
def test_a_payout_is_in_whole_units_where_stripe_makes_only_such(
    run: Run, error_of: Callable[[str], str], currency: str
) -> None:
    source = f"new_payout().currency('{currency}').amount(1999.5).create_async()"
    found = CODE.search(error_of(source))
    assert found is not None
    assert found.groups() == ("1999", currency, "199900", "round(1999.0) * 100")
    assert run(source.replace("1999.5", found[4])).calls[0].request["amount"] == 199900


@pytest.mark.parametrize("given", ["float", "string"])
def test_without_a_known_currency_the_advice_is_general_and_right_all_the_same(
    run: Run, error_of: Callable[[str], str], given: str
) -> None:
    value = "1.5" if given == "float" else "'1.5'"
    told = error_of(f"new_refund().charge('ch_1').amount({value}).create_async()")
    assert "in the smallest unit of the currency, such as cents, not a" in told
    assert "an amount in that unit already needs round(" in told
    found = re.search(r"19\.99 of .+? is (.+), 1999 of .+? is (.+?);", told)
    assert found is not None, told
    lines = f"from decimal import Decimal\nprint({found[1]}, {found[2]})"
    assert run(lines).output == "1999 1999\n"


def test_what_is_rounded_is_said_to_be_so(run: Run) -> None:
    assert "a half is rounded to the even number" in integer_advice("usd", "float")
    assert run("print(round(0.125 * 100), round(0.375 * 100))").output == "12 38\n"


def test_the_currency_that_stands_nearest_to_the_amount_counts() -> None:
    line: JSONObject = {"price_data": {"currency": "JPY", "unit_amount": 1.5}}
    request: JSONObject = {"currency": "usd", "line_items": [line], "amount": 1.5}
    assert currency_at(request, "amount") == "usd"
    assert currency_at(request, "line_items[0].price_data.unit_amount") == "jpy"
    assert currency_at(request, "line_items[1].price_data.unit_amount") == "usd"
    options: JSONObject = {"currency_options": {"kwd": {"unit_amount": 1.5}}, "currency": "usd"}
    assert currency_at(options, "currency_options.kwd.unit_amount") == "kwd"
    assert currency_at({"currency": "Ann"}, "amount") is None
    assert currency_at({}, "amount") is None


def test_only_amounts_of_money_are_taken_for_such() -> None:
    for name in ("amount", "unit_amount", "amount_off", "items[0].amount_to_capture", "balance"):
        assert is_money(name), name
    for name in ("quantity", "interval_count", "days_until_due", "amounting", ""):
        assert not is_money(name), name


def test_each_currency_has_one_way_to_be_written() -> None:
    assert not ZERO_DECIMAL & THREE_DECIMAL
    assert not WHOLE_UNITS & (ZERO_DECIMAL | THREE_DECIMAL)
    assert CURRENCIES >= ZERO_DECIMAL | THREE_DECIMAL | WHOLE_UNITS


def test_the_check_says_the_same_of_a_text() -> None:
    source = "new_payment_intent().currency('jpy').amount(19.99).create_async()"
    said = [one.message for one in check_flows({"main": source}) if not one.note]
    assert len(said) == 1
    assert "1999 jpy is 1999, written round(1999.0), since it has no decimals" in said[0]
    total = "total = 5\nnew_refund().charge('ch_1').amount(total / 2).create_async()"
    (typed,) = [one.message for one in check_flows({"main": total}) if not one.note]
    assert "such as cents: an amount in that unit already needs round(…) alone" in typed
