"""Subscriptions through time: renewals, trials, changes, schedules, usage."""

from __future__ import annotations

from tests.unit.simulator.simulated import simulated
from tests.unit.simulator.simulated_billing import advanced, on_a_clock, types
from tests.unit.simulator.test_resources import priced, subscribed, with_card

MONTH = 31 * 86_400


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
    advanced(stripe, clock, end + MONTH)
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


def test_an_item_that_is_added_shares_the_period_and_is_prorated() -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    made = subscribed(stripe, customer=customer, **{"items[0][price]": priced(stripe)}).body
    item = made["items"]["data"][0]
    end = item["current_period_end"]
    advanced(stripe, clock, (item["current_period_start"] + end) // 2)
    added = {"subscription": made["id"], "price": priced(stripe, {"unit_amount": 500})}
    second = stripe.post("/v1/subscription_items", added).body
    assert second["current_period_end"] == end
    pending = stripe.get("/v1/invoiceitems", {"customer": customer}).body["data"]
    assert [one["amount"] for one in pending] == [250]
    advanced(stripe, clock, end + 60)
    path = f"/v1/subscriptions/{made['id']}"
    invoice = stripe.get(path, {"expand[]": "latest_invoice"}).body["latest_invoice"]
    assert invoice["total"] == 250 + 900 + 500


def test_a_new_rhythm_begins_a_period_and_credits_the_old_one() -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    made = subscribed(stripe, customer=customer, **{"items[0][price]": priced(stripe)}).body
    item = made["items"]["data"][0]
    now = (item["current_period_start"] + item["current_period_end"]) // 2
    advanced(stripe, clock, now)
    yearly = priced(stripe, {"unit_amount": 9000, "recurring[interval]": "year"})
    change = {"items[0][id]": item["id"], "items[0][price]": yearly, "expand[]": "latest_invoice"}
    changed = stripe.post(f"/v1/subscriptions/{made['id']}", change).body
    assert changed["items"]["data"][0]["current_period_start"] == now
    assert changed["latest_invoice"]["total"] == 9000 - 450


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
    before = stripe.simulation.store.counts()
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
    assert stripe.simulation.store.counts() == before
    kept = stripe.get(f"/v1/subscriptions/{made['id']}").body
    assert kept["items"]["data"][0]["price"]["id"] == cheap
