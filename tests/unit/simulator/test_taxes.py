"""Tax rates on bills, and the messages of Stripe Tax without a location."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.simulator.simulated import Simulated, simulated
from tests.unit.simulator.simulated_billing import session
from tests.unit.simulator.test_resources import priced, priced_once, subscribed, with_card


def rate(stripe: Simulated, percentage: float, *, inclusive: bool = False) -> str:
    params = {"display_name": "VAT", "percentage": percentage, "inclusive": str(inclusive).lower()}
    return str(stripe.post("/v1/tax_rates", params).body["id"])


def invoiced(stripe: Simulated, **params: Any) -> dict[str, Any]:
    """The first invoice of a subscription."""
    given = {"items[0][price]": priced(stripe), "expand[]": "latest_invoice"} | params
    made = subscribed(stripe, customer=with_card(stripe), **given)
    assert made.status == 200, made.body
    found: dict[str, Any] = made.body["latest_invoice"]
    return found


@pytest.mark.parametrize("place", ["default_tax_rates[0]", "items[0][tax_rates][0]"])
@pytest.mark.parametrize(
    ("inclusive", "net", "tax", "total"), [(False, 900, 180, 1080), (True, 750, 150, 900)]
)
def test_a_tax_rate_is_added_or_in_the_price_already(
    place: str, inclusive: bool, net: int, tax: int, total: int
) -> None:
    stripe = simulated()
    key = rate(stripe, 20, inclusive=inclusive)
    made = invoiced(stripe, **{place: key})
    assert (made["subtotal"], made["total"], made["amount_paid"]) == (900, total, total)
    assert (made["subtotal_excluding_tax"], made["total_excluding_tax"]) == (net, net)
    (row,) = made["total_taxes"]
    assert (row["amount"], row["taxable_amount"]) == (tax, net)
    assert row["tax_behavior"] == ("inclusive" if inclusive else "exclusive")
    assert row["tax_rate_details"] == {"tax_rate": key}
    assert made["lines"]["data"][0]["taxes"][0]["amount"] == tax


def test_tax_is_on_what_discounts_leave() -> None:
    stripe = simulated()
    coupon = stripe.post("/v1/coupons", {"percent_off": 50}).body["id"]
    params = {"default_tax_rates[0]": rate(stripe, 20), "discounts[0][coupon]": coupon}
    made = invoiced(stripe, **params)
    assert (made["total_excluding_tax"], made["total"]) == (450, 540)


def test_an_item_has_tax_rates_of_its_own_or_those_of_its_invoice() -> None:
    stripe = simulated()
    whole, own = rate(stripe, 10), rate(stripe, 5)
    made = stripe.post("/v1/invoices", {"customer": "cus_1", "default_tax_rates[0]": whole}).body
    item = {"customer": "cus_1", "invoice": made["id"], "amount": 1000, "currency": "usd"}
    stripe.post("/v1/invoiceitems", item)
    stripe.post("/v1/invoiceitems", item | {"tax_rates[0]": own})
    found = stripe.get(f"/v1/invoices/{made['id']}").body
    assert [row["amount"] for row in found["total_taxes"]] == [100, 50]
    assert found["total"] == 2150
    assert [one["id"] for one in found["default_tax_rates"]] == [whole]


def test_an_exempt_customer_pays_no_tax() -> None:
    stripe = simulated()
    stripe.post("/v1/customers/cus_1", {"tax_exempt": "exempt"})
    params = {"customer": "cus_1", "default_tax_rates[0]": rate(stripe, 10)}
    made = stripe.post("/v1/invoices", params).body
    item = {"customer": "cus_1", "invoice": made["id"], "amount": 1000, "currency": "usd"}
    stripe.post("/v1/invoiceitems", item)
    found = stripe.get(f"/v1/invoices/{made['id']}").body
    assert (found["total"], found["total_taxes"][0]["taxability_reason"]) == (
        1000,
        "customer_exempt",
    )


def test_a_session_shows_the_tax_of_its_lines() -> None:
    stripe = simulated()
    rates = {"line_items[0][tax_rates][0]": rate(stripe, 20)}
    made = session(stripe, priced_once(stripe), **rates)
    assert (made["amount_total"], made["total_details"]["amount_tax"]) == (2160, 360)


def test_stripe_tax_needs_to_know_where_the_customer_is() -> None:
    stripe = simulated()
    params = {"customer": "cus_1", "automatic_tax[enabled]": "true"}
    draft = stripe.post("/v1/invoices", params).body
    assert draft["automatic_tax"]["status"] == "requires_location_inputs"
    refused = stripe.post(f"/v1/invoices/{draft['id']}/finalize")
    assert (refused.status, refused.error["code"]) == (400, "customer_tax_location_invalid")
    given = {"items[0][price]": priced(stripe), "automatic_tax[enabled]": "true"}
    customer = with_card(stripe)
    refused = subscribed(stripe, customer=customer, **given)
    assert refused.error["code"] == "customer_tax_location_invalid"
    stripe.post(f"/v1/customers/{customer}", {"address[country]": "US"})
    made = subscribed(stripe, customer=customer, **given, **{"expand[]": "latest_invoice"}).body
    assert made["latest_invoice"]["automatic_tax"]["status"] == "complete"
