"""Lines of subscriptions' invoices: descriptions, and the lines that credits refer to."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.simulator.simulated import simulated
from tests.unit.simulator.simulated_billing import advanced, on_a_clock
from tests.unit.simulator.test_resources import priced, subscribed, with_card


@pytest.mark.parametrize(
    ("price", "text"),
    [
        ({"unit_amount": 1000}, "5 × Tea (at $10.00 / month)"),
        ({"recurring[interval_count]": 3}, "5 × Tea (at $9.00 / every 3 months)"),
        ({"currency": "eur", "recurring[interval]": "year"}, "5 × Tea (at €9.00 / year)"),
        ({"currency": "jpy"}, "5 × Tea (at ¥900 / month)"),
        ({"currency": "chf"}, "5 × Tea (at CHF 9.00 / month)"),
        (
            {"unit_amount": None, "unit_amount_decimal": "100.5"},
            "5 × Tea (at $1.005 / month)",
        ),
    ],
)
def test_a_line_says_how_many_of_what_at_which_price(price: dict[str, Any], text: str) -> None:
    stripe = simulated()
    amount = {"unit_amount": 900} | price
    params = {"currency": "usd", "recurring[interval]": "month", "product_data[name]": "Tea"}
    given = {k: v for k, v in (params | amount).items() if v is not None}
    key = stripe.post("/v1/prices", given).body["id"]
    item = {"items[0][price]": key, "items[0][quantity]": 5, "expand[]": "latest_invoice"}
    made = subscribed(stripe, customer=with_card(stripe), **item).body
    (line,) = made["latest_invoice"]["lines"]["data"]
    assert line["description"] == text
    details = line["parent"]["subscription_item_details"]
    assert details["proration_details"] == {"credited_items": None}


def test_a_credit_says_since_when_and_what_it_gives_back() -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    params = {"items[0][price]": priced(stripe), "expand[]": "latest_invoice"}
    made = subscribed(stripe, customer=customer, **params).body
    first = made["latest_invoice"]
    advanced(stripe, clock, 1_770_000_000 + 14 * 86_400)
    item = {"items[0][id]": made["items"]["data"][0]["id"], "proration_behavior": "always_invoice"}
    path = f"/v1/subscriptions/{made['id']}"
    for quantity, old in ((3, first), (1, None)):
        changed = stripe.post(
            path, item | {"items[0][quantity]": quantity, "expand[]": "latest_invoice"}
        ).body["latest_invoice"]
        credit, debit = changed["lines"]["data"]
        details = credit["parent"]["invoice_item_details"]["proration_details"]
        if old is not None:
            assert credit["description"] == "Unused time on Tea after 16 Feb 2026"
            assert debit["description"] == "Remaining time on 3 × Tea after 16 Feb 2026"
            line = old["lines"]["data"][0]["id"]
            expected = {"invoice": old["id"], "invoice_line_items": [line]}
            charged = {"invoice": changed["id"], "invoice_line_items": [debit["id"]]}
        else:
            # What was charged for by a proration is given back of that one.
            expected = charged
            assert credit["description"] == "Unused time on 3 × Tea after 16 Feb 2026"
        assert details["credited_items"] == expected
        other = debit["parent"]["invoice_item_details"]["proration_details"]
        assert other["credited_items"] is None
