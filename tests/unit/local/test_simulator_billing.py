"""Invoices, subscriptions through time, credit notes and checkout sessions."""

from __future__ import annotations

from typing import Any

import pytest

from stripe_flows.local.simulator.control import Control
from stripe_flows.local.simulator.http import Request
from tests.unit.local.simulated import Simulated, simulated
from tests.unit.local.test_simulator_resources import priced, subscribed, with_card

MONTH = 31 * 86_400


def types(stripe: Simulated) -> list[str]:
    """The types of all events, oldest first."""
    found = stripe.get("/v1/events", {"limit": 100}).body["data"]
    return [event["type"] for event in reversed(found)]


def control(stripe: Simulated, name: str, body: bytes) -> int:
    return Control(stripe.parts).answer(Request("POST", f"/_sim/{name}", "", {}, body)).status


def on_a_clock(stripe: Simulated, card: str | None = "pm_card_visa") -> tuple[str, str]:
    """A test clock and a customer on it."""
    clock = stripe.post("/v1/test_helpers/test_clocks", {"frozen_time": 1_770_000_000}).body["id"]
    params: dict[str, Any] = {"test_clock": clock}
    if card is not None:
        params |= {"payment_method": card, "invoice_settings[default_payment_method]": card}
    return clock, stripe.post("/v1/customers", params).body["id"]


def advanced(stripe: Simulated, clock: str, to: int) -> None:
    path = f"/v1/test_helpers/test_clocks/{clock}/advance"
    moved = stripe.post(path, {"frozen_time": to})
    assert (moved.status, moved.body["frozen_time"]) == (200, to), moved.body


def test_an_invoice_goes_from_draft_to_paid() -> None:
    stripe = simulated()
    customer = with_card(stripe)
    made = stripe.post("/v1/invoices", {"customer": customer}).body
    assert (made["status"], made["total"], made["billing_reason"]) == ("draft", 0, "manual")
    for amount in (700, 300):
        item = {"customer": customer, "invoice": made["id"], "amount": amount, "currency": "usd"}
        assert stripe.post("/v1/invoiceitems", item).body["invoice"] == made["id"]
    path = f"/v1/invoices/{made['id']}"
    assert [line["amount"] for line in stripe.get(f"{path}/lines").body["data"]] == [700, 300]
    opened = stripe.post(f"{path}/finalize").body
    assert (opened["status"], opened["amount_due"], opened["amount_remaining"]) == (
        "open",
        1000,
        1000,
    )
    assert opened["number"].endswith("-0001")
    paid = stripe.post(f"{path}/pay").body
    assert (paid["status"], paid["amount_paid"], paid["amount_remaining"]) == ("paid", 1000, 0)
    assert paid["status_transitions"]["paid_at"] is not None
    again = stripe.post(f"{path}/pay")
    assert (again.status, again.error["message"]) == (400, "Invoice is already paid")
    listed = stripe.get("/v1/invoice_payments", {"invoice": made["id"]}).body["data"]
    assert [one["status"] for one in listed] == ["paid"]
    assert stripe.get("/v1/charges", {"customer": customer}).body["data"][0]["amount"] == 1000
    told = types(stripe)
    assert told[told.index("invoice.created") :] == [
        "invoice.created", "invoiceitem.created", "invoice.updated", "invoiceitem.created",
        "invoice.updated", "invoice.finalized", "payment_intent.created", "customer.updated",
        "charge.succeeded", "payment_intent.succeeded", "invoice.paid",
        "invoice.payment_succeeded",
    ]  # fmt: skip


def test_an_invoice_whose_card_declines_stays_open() -> None:
    stripe = simulated()
    customer = with_card(stripe, "pm_card_chargeCustomerFail")
    made = stripe.post("/v1/invoices", {"customer": customer}).body
    item = {"customer": customer, "invoice": made["id"], "amount": 900, "currency": "usd"}
    stripe.post("/v1/invoiceitems", item)
    declined = stripe.post(f"/v1/invoices/{made['id']}/pay")
    assert (declined.status, declined.error["code"]) == (402, "card_declined")
    kept = stripe.get(f"/v1/invoices/{made['id']}").body
    assert (kept["status"], kept["attempt_count"]) == ("open", 1)
    assert "invoice.payment_failed" in types(stripe)
    paid = stripe.post(f"/v1/invoices/{made['id']}/pay", {"payment_method": "pm_card_visa"})
    assert paid.body["status"] == "paid"


@pytest.mark.parametrize(
    ("verb", "status", "event"),
    [
        ("void", "void", "invoice.voided"),
        ("mark_uncollectible", "uncollectible", "invoice.marked_uncollectible"),
    ],
)
def test_an_open_invoice_can_be_given_up(verb: str, status: str, event: str) -> None:
    stripe = simulated()
    made = stripe.post("/v1/invoices", {"customer": "cus_1"}).body
    path = f"/v1/invoices/{made['id']}"
    assert stripe.post(f"{path}/{verb}").status == 400
    item = {"customer": "cus_1", "invoice": made["id"], "amount": 900, "currency": "usd"}
    stripe.post("/v1/invoiceitems", item)
    stripe.post(f"{path}/finalize")
    assert stripe.post(f"{path}/{verb}").body["status"] == status
    assert types(stripe)[-1] == event
    assert stripe.delete(path).status == 400


def test_pending_items_wait_for_an_invoice_that_takes_them() -> None:
    stripe = simulated()
    price = stripe.post(
        "/v1/prices", {"currency": "usd", "unit_amount": 250, "product_data[name]": "Tea"}
    ).body["id"]
    item = {"customer": "cus_1", "pricing[price]": price, "quantity": 3}
    made = stripe.post("/v1/invoiceitems", item).body
    assert (made["amount"], made["description"], made["invoice"]) == (750, "Tea", None)
    empty = stripe.post("/v1/invoices", {"customer": "cus_1"}).body
    assert empty["lines"]["data"] == []
    params = {"customer": "cus_1", "pending_invoice_items_behavior": "include"}
    full = stripe.post("/v1/invoices", params).body
    assert (full["total"], full["lines"]["data"][0]["quantity"]) == (750, 3)


def test_a_coupon_takes_off_what_it_says() -> None:
    stripe = simulated()
    coupon = stripe.post("/v1/coupons", {"percent_off": 25, "id": "SPRING"}).body
    assert stripe.post("/v1/coupons", {"percent_off": 5, "id": "SPRING"}).status == 400
    code = stripe.post(
        "/v1/promotion_codes",
        {"promotion[type]": "coupon", "promotion[coupon]": coupon["id"], "code": "tea25"},
    ).body
    customer = with_card(stripe)
    made = subscribed(
        stripe,
        customer=customer,
        **{
            "items[0][price]": priced(stripe),
            "discounts[0][promotion_code]": code["id"],
            "expand[]": "latest_invoice",
        },
    ).body
    invoice = made["latest_invoice"]
    assert (invoice["subtotal"], invoice["total"], invoice["amount_paid"]) == (900, 675, 675)
    assert stripe.get("/v1/coupons/SPRING").body["times_redeemed"] == 1
    for wrong in ({}, {"percent_off": 101}, {"amount_off": 5}):
        assert stripe.post("/v1/coupons", wrong).status == 400


def test_the_first_invoice_is_paid_when_its_payment_is_confirmed() -> None:
    stripe = simulated()
    made = subscribed(
        stripe,
        customer=with_card(stripe),
        payment_behavior="default_incomplete",
        **{"items[0][price]": priced(stripe), "expand[]": "latest_invoice"},
    ).body
    assert (made["status"], made["latest_invoice"]["status"]) == ("incomplete", "open")
    secret = made["latest_invoice"]["confirmation_secret"]["client_secret"]
    intent = secret.partition("_secret_")[0]
    path = f"/v1/payment_intents/{intent}/confirm"
    assert stripe.post(path, {"payment_method": "pm_card_visa"}).body["status"] == "succeeded"
    assert stripe.get(f"/v1/subscriptions/{made['id']}").body["status"] == "active"
    invoice = stripe.get(f"/v1/invoices/{made['latest_invoice']['id']}").body
    assert (invoice["status"], invoice["amount_remaining"]) == ("paid", 0)


def test_a_month_on_a_clock_is_billed_and_a_card_that_fails_is_past_due() -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    made = subscribed(stripe, customer=customer, **{"items[0][price]": priced(stripe)}).body
    end = made["items"]["data"][0]["current_period_end"]
    advanced(stripe, clock, end + 3600)
    path = f"/v1/subscriptions/{made['id']}"
    renewed = stripe.get(path, {"expand[]": "latest_invoice"}).body
    assert renewed["status"] == "active"
    assert renewed["items"]["data"][0]["current_period_start"] == end
    assert renewed["latest_invoice"]["billing_reason"] == "subscription_cycle"
    assert renewed["latest_invoice"]["amount_paid"] == 900
    failing = stripe.post(
        "/v1/payment_methods/pm_card_chargeCustomerFail/attach", {"customer": customer}
    ).body["id"]
    stripe.post(path, {"default_payment_method": failing})
    advanced(stripe, clock, end + 2 * MONTH)
    late = stripe.get(path, {"expand[]": "latest_invoice"}).body
    assert (late["status"], late["latest_invoice"]["status"]) == ("past_due", "open")
    paid = stripe.post(
        f"/v1/invoices/{late['latest_invoice']['id']}/pay", {"payment_method": "pm_card_visa"}
    )
    assert paid.body["status"] == "paid"
    assert stripe.get(path).body["status"] == "active"
    assert stripe.post(
        f"/v1/test_helpers/test_clocks/{clock}/advance", {"frozen_time": 1_770_000_000}
    ).status == 400  # fmt: skip


def test_a_trial_costs_nothing_until_it_ends() -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    made = subscribed(
        stripe,
        customer=customer,
        trial_period_days=7,
        **{"items[0][price]": priced(stripe), "expand[]": "latest_invoice"},
    ).body
    assert (made["status"], made["latest_invoice"]["total"]) == ("trialing", 0)
    assert made["latest_invoice"]["status"] == "paid"
    advanced(stripe, clock, made["trial_end"] + 60)
    billed = stripe.get(f"/v1/subscriptions/{made['id']}", {"expand[]": "latest_invoice"}).body
    assert (billed["status"], billed["latest_invoice"]["amount_paid"]) == ("active", 900)


def test_a_trial_without_a_card_can_end_the_subscription() -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe, None)
    made = subscribed(
        stripe,
        customer=customer,
        trial_period_days=7,
        **{
            "items[0][price]": priced(stripe),
            "trial_settings[end_behavior][missing_payment_method]": "cancel",
        },
    ).body
    advanced(stripe, clock, made["trial_end"] + 60)
    assert stripe.get(f"/v1/subscriptions/{made['id']}").body["status"] == "canceled"


def test_a_change_in_the_middle_of_a_month_is_prorated() -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    cheap, dear = priced(stripe), priced(stripe, {"unit_amount": 1900})
    made = subscribed(stripe, customer=customer, **{"items[0][price]": cheap}).body
    item = made["items"]["data"][0]
    start, end = item["current_period_start"], item["current_period_end"]
    advanced(stripe, clock, (start + end) // 2)
    path = f"/v1/subscriptions/{made['id']}"
    params = {"items[0][id]": item["id"], "items[0][price]": dear}
    stripe.post(path, params)
    pending = stripe.get("/v1/invoiceitems", {"customer": customer}).body["data"]
    assert sorted(one["amount"] for one in pending) == [-450, 950]
    assert all(one["proration"] for one in pending)
    advanced(stripe, clock, end + 3600)
    renewed = stripe.get(path, {"expand[]": "latest_invoice"}).body["latest_invoice"]
    assert renewed["total"] == 1900 + 500
    # At once, if that is asked for; or not at all.
    item = {"items[0][id]": item["id"], "items[0][price]": dear}
    more = stripe.post(
        path,
        item | {"items[0][quantity]": 2, "proration_behavior": "always_invoice",
                "expand[]": "latest_invoice"},
    ).body["latest_invoice"]  # fmt: skip
    assert (more["billing_reason"], more["status"]) == ("subscription_update", "paid")
    stripe.post(path, item | {"items[0][quantity]": 5, "proration_behavior": "none"})
    left = stripe.get("/v1/invoiceitems", {"customer": customer}).body["data"]
    assert all(one["invoice"] is not None for one in left)


def test_a_subscription_ends_with_its_period_when_that_is_asked_for() -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    made = subscribed(stripe, customer=customer, **{"items[0][price]": priced(stripe)}).body
    path = f"/v1/subscriptions/{made['id']}"
    ending = stripe.post(path, {"cancel_at_period_end": "true"}).body
    assert (ending["status"], ending["cancel_at_period_end"]) == ("active", True)
    advanced(stripe, clock, ending["cancel_at"] + 60)
    assert stripe.get(path).body["status"] == "canceled"
    assert "customer.subscription.deleted" in types(stripe)


def test_a_schedule_changes_the_price_when_its_phase_ends() -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    first, second = priced(stripe), priced(stripe, {"unit_amount": 1900})
    made = stripe.post(
        "/v1/subscription_schedules",
        {
            "customer": customer,
            "start_date": "now",
            "end_behavior": "release",
            "phases[0][items][0][price]": first,
            "phases[0][duration][interval]": "month",
            "phases[1][items][0][price]": second,
            "phases[1][duration][interval]": "month",
        },
    ).body
    assert made["status"] == "active"
    path = f"/v1/subscriptions/{made['subscription']}"
    advanced(stripe, clock, made["phases"][0]["end_date"] + 60)
    changed = stripe.get(path).body
    assert [row["price"]["id"] for row in changed["items"]["data"]] == [second]
    advanced(stripe, clock, made["phases"][1]["end_date"] + 60)
    released = stripe.get(f"/v1/subscription_schedules/{made['id']}").body
    assert (released["status"], released["released_subscription"]) == ("released", changed["id"])
    assert stripe.get(path).body["schedule"] is None


def test_tiers_are_counted_as_their_mode_says() -> None:
    stripe = simulated()
    tiers = {
        "billing_scheme": "tiered", "currency": "usd", "product_data[name]": "Seats",
        "recurring[interval]": "month", "tiers[0][up_to]": 5, "tiers[0][unit_amount]": 100,
        "tiers[1][up_to]": "inf", "tiers[1][unit_amount]": 50,
    }  # fmt: skip
    wrong = stripe.post("/v1/prices", tiers)
    assert wrong.error["param"] == "tiers_mode"
    for mode, total in (("graduated", 5 * 100 + 3 * 50), ("volume", 8 * 50)):
        price = stripe.post("/v1/prices", tiers | {"tiers_mode": mode}).body["id"]
        made = subscribed(
            stripe,
            customer=with_card(stripe),
            **{"items[0][price]": price, "items[0][quantity]": 8, "expand[]": "latest_invoice"},
        ).body
        assert made["latest_invoice"]["total"] == total, mode


def test_a_lookup_key_names_one_price() -> None:
    stripe = simulated()
    first = priced(stripe, {"lookup_key": "tea"})
    params = {"currency": "usd", "unit_amount": 5, "product_data[name]": "T", "lookup_key": "tea"}
    assert stripe.post("/v1/prices", params).error["param"] == "lookup_key"
    second = stripe.post("/v1/prices", params | {"transfer_lookup_key": "true"}).body["id"]
    found = stripe.get("/v1/prices", {"lookup_keys[]": "tea"}).body["data"]
    assert [one["id"] for one in found] == [second]
    assert stripe.get(f"/v1/prices/{first}").body["lookup_key"] is None


def test_a_credit_note_lowers_an_open_invoice_and_refunds_a_paid_one() -> None:
    stripe = simulated()
    customer = with_card(stripe)
    for paid in (False, True):
        made = stripe.post("/v1/invoices", {"customer": customer}).body
        item = {"customer": customer, "invoice": made["id"], "amount": 900, "currency": "usd"}
        stripe.post("/v1/invoiceitems", item)
        path = f"/v1/invoices/{made['id']}"
        stripe.post(f"{path}/{'pay' if paid else 'finalize'}")
        note = {"invoice": made["id"], "amount": 400} | ({"refund_amount": 400} if paid else {})
        credited = stripe.post("/v1/credit_notes", note).body
        assert credited["type"] == ("post_payment" if paid else "pre_payment")
        assert stripe.post("/v1/credit_notes", note | {"amount": 600}).status == 400
        left = stripe.get(path).body["amount_remaining"]
        assert left == (0 if paid else 500)
    assert [one["amount"] for one in stripe.get("/v1/refunds").body["data"]] == [400]


def test_a_checkout_session_is_completed_by_its_customer() -> None:
    stripe = simulated()
    made = stripe.post(
        "/v1/checkout/sessions",
        {
            "mode": "payment",
            "success_url": "https://example.com",
            "line_items[0][price_data][currency]": "usd",
            "line_items[0][price_data][unit_amount]": 1500,
            "line_items[0][price_data][product_data][name]": "Tea",
            "line_items[0][quantity]": 2,
            "payment_intent_data[metadata][order]": "7",
        },
    ).body
    assert (made["status"], made["payment_status"], made["amount_total"]) == (
        "open",
        "unpaid",
        3000,
    )
    path = f"/v1/checkout/sessions/{made['id']}"
    items = stripe.get(f"{path}/line_items").body["data"]
    assert [(row["description"], row["amount_total"]) for row in items] == [("Tea", 3000)]
    declined = f'{{"session": "{made["id"]}", "payment_method": "pm_card_chargeDeclined"}}'
    assert control(stripe, "complete", declined.encode()) == 402
    assert stripe.get(path).body["status"] == "open"
    assert control(stripe, "complete", f'{{"session": "{made["id"]}"}}'.encode()) == 200
    done = stripe.get(path, {"expand[]": "payment_intent"}).body
    assert (done["status"], done["payment_status"]) == ("complete", "paid")
    assert done["payment_intent"]["status"] == "succeeded"
    assert done["payment_intent"]["metadata"] == {"order": "7"}
    assert types(stripe)[-1] == "checkout.session.completed"
    assert stripe.post(f"{path}/expire").status == 400


def test_a_checkout_session_starts_a_subscription() -> None:
    stripe = simulated()
    made = stripe.post(
        "/v1/checkout/sessions",
        {
            "mode": "subscription",
            "success_url": "https://example.com",
            "line_items[0][price]": priced(stripe),
            "line_items[0][quantity]": 1,
            "subscription_data[trial_period_days]": 7,
        },
    ).body
    assert control(stripe, "complete", f'{{"session": "{made["id"]}"}}'.encode()) == 200
    done = stripe.get(f"/v1/checkout/sessions/{made['id']}", {"expand[]": "subscription"}).body
    assert done["subscription"]["status"] == "trialing"
    assert done["customer"] == done["subscription"]["customer"]


def test_usage_is_metered_and_billed_when_its_month_is_over() -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    meter = stripe.post(
        "/v1/billing/meters",
        {
            "display_name": "Calls",
            "event_name": "calls",
            "default_aggregation[formula]": "sum",
        },
    ).body["id"]
    price = priced(
        stripe,
        {"unit_amount": 3, "recurring[usage_type]": "metered", "recurring[meter]": meter},
    )
    made = subscribed(
        stripe, customer=customer, **{"items[0][price]": price, "expand[]": "latest_invoice"}
    ).body
    assert (made["status"], made["latest_invoice"]["total"]) == ("active", 0)
    start = made["items"]["data"][0]["current_period_start"]
    end = made["items"]["data"][0]["current_period_end"]
    for value, identifier in ((20, "a"), (15, "b")):
        event = {
            "event_name": "calls",
            "identifier": identifier,
            "payload[stripe_customer_id]": customer,
            "payload[value]": value,
            "timestamp": start + 60,
        }
        assert stripe.post("/v1/billing/meter_events", event).body["identifier"] == identifier
    assert stripe.post("/v1/billing/meter_events", event).error["param"] == "identifier"
    times = {"customer": customer, "start_time": start, "end_time": end}
    rows = stripe.get(f"/v1/billing/meters/{meter}/event_summaries", times).body["data"]
    assert [row["aggregated_value"] for row in rows] == [35]
    advanced(stripe, clock, end + 60)
    billed = stripe.get(f"/v1/subscriptions/{made['id']}", {"expand[]": "latest_invoice"}).body
    assert billed["latest_invoice"]["amount_paid"] == 35 * 3


def test_a_preview_tells_what_a_change_costs_and_keeps_nothing() -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    cheap, dear = priced(stripe), priced(stripe, {"unit_amount": 1900})
    made = subscribed(stripe, customer=customer, **{"items[0][price]": cheap}).body
    item = made["items"]["data"][0]
    advanced(stripe, clock, (item["current_period_start"] + item["current_period_end"]) // 2)
    before = stripe.parts.store.counts()
    shown = stripe.post(
        "/v1/invoices/create_preview",
        {
            "subscription": made["id"],
            "subscription_details[items][0][id]": item["id"],
            "subscription_details[items][0][price]": dear,
        },
    ).body
    assert [line["amount"] for line in shown["lines"]["data"]] == [-450, 950, 1900]
    assert shown["total"] == 2400
    assert stripe.parts.store.counts() == before
    kept = stripe.get(f"/v1/subscriptions/{made['id']}").body
    assert kept["items"]["data"][0]["price"]["id"] == cheap


@pytest.mark.parametrize("recurring", [True, False])
def test_an_accepted_quote_makes_what_it_offered(recurring: bool) -> None:
    stripe = simulated()
    price = priced(stripe)
    if not recurring:
        product = stripe.get(f"/v1/prices/{price}").body["product"]
        once = {"currency": "usd", "unit_amount": 900, "product": product}
        price = stripe.post("/v1/prices", once).body["id"]
    params = {"customer": "cus_1", "line_items[0][price]": price, "line_items[0][quantity]": 2}
    made = stripe.post("/v1/quotes", params).body
    path = f"/v1/quotes/{made['id']}"
    assert (made["status"], made["amount_total"]) == ("draft", 1800)
    assert stripe.post(f"{path}/accept").status == 400
    assert stripe.post(f"{path}/finalize").body["status"] == "open"
    done = stripe.post(f"{path}/accept").body
    assert (done["status"], done["subscription"] is not None) == ("accepted", recurring)
    assert stripe.get(f"/v1/invoices/{done['invoice']}").body["total"] == 1800
    assert stripe.post(f"{path}/cancel").status == 400
