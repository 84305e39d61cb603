"""Resources without code of their own, answered from their paths alone."""

from __future__ import annotations

import pytest

from stripe_flows.simulator.operations.endpoints import Endpoint, endpoint
from tests.unit.simulator.simulated import simulated
from tests.unit.simulator.simulated_billing import types
from tests.unit.simulator.test_resources import priced, subscribed, with_card


@pytest.mark.parametrize(
    ("method", "path", "about"),
    [
        ("POST", "/v1/coupons", ("create", "coupon", None, "")),
        ("GET", "/v1/customers/search", ("search", "customer", None, "")),
        ("POST", "/v1/topups/{topup}/cancel", ("verb", "topup", None, "cancel")),
        ("POST", "/v1/transfers/{id}/reversals",
         ("create", "transfer_reversal", "transfer", "reversals")),
        ("GET", "/v1/accounts/{account}/persons/{person}", ("retrieve", "person", "account", "")),
        ("POST", "/v1/test_helpers/issuing/cards/{card}/shipping/ship",
         ("verb", "issuing.card", None, "shipping/ship")),
        ("GET", "/v1/balance", ("singleton", "balance", None, "")),
        ("POST", "/v1/tax/settings", ("set_singleton", "tax.settings", None, "")),
        ("DELETE", "/v1/customers/{customer}/discount",
         ("delete_singleton", "discount", "customer", "discount")),
    ],
)  # fmt: skip
def test_a_path_says_what_it_is_about(
    method: str, path: str, about: tuple[str, str, str | None, str]
) -> None:
    found = endpoint(method, path)
    assert isinstance(found, Endpoint)
    assert (found.action, found.resource, found.owner, found.verb) == about


def test_a_resource_is_made_changed_listed_and_deleted() -> None:
    stripe = simulated()
    made = stripe.post(
        "/v1/webhook_endpoints",
        {"url": "https://example.com/hook", "enabled_events[]": "charge.failed"},
    ).body
    assert made["id"].startswith("we_")
    assert made["enabled_events"] == ["charge.failed"]
    path = f"/v1/webhook_endpoints/{made['id']}"
    changed = stripe.post(path, {"description": "Ours", "metadata[a]": "1"}).body
    assert (changed["description"], changed["url"]) == ("Ours", "https://example.com/hook")
    assert stripe.get(path).body == changed
    assert stripe.get("/v1/webhook_endpoints").body["data"] == [changed]
    gone = stripe.delete(path).body
    assert gone == {"id": made["id"], "object": "webhook_endpoint", "deleted": True}
    missing = stripe.get(path)
    assert (missing.status, missing.error["code"]) == (404, "resource_missing")
    assert stripe.post(path, {"description": "x"}).status == 404


def test_what_belongs_to_something_is_found_only_there() -> None:
    stripe = simulated()
    first, second = (stripe.post("/v1/accounts", {"type": "custom"}).body["id"] for _ in range(2))
    made = stripe.post(f"/v1/accounts/{first}/persons", {"first_name": "Ada"}).body
    assert (made["account"], made["first_name"]) == (first, "Ada")
    listed = stripe.get(f"/v1/accounts/{first}/persons").body
    assert (listed["url"], len(listed["data"])) == (f"/v1/accounts/{first}/persons", 1)
    assert stripe.get(f"/v1/accounts/{second}/persons").body["data"] == []
    assert stripe.get(f"/v1/accounts/{second}/persons/{made['id']}").status == 404
    assert stripe.get("/v1/accounts/acct_none/persons").status == 404
    # A feature does not say to which product it belongs; it is kept with it all the same.
    teas = [stripe.post("/v1/products", {"name": name}).body["id"] for name in ("A", "B")]
    feature = stripe.post("/v1/entitlements/features", {"name": "Fast", "lookup_key": "fast"}).body[
        "id"
    ]
    path = f"/v1/products/{teas[0]}/features"
    kept = stripe.post(path, {"entitlement_feature": feature}).body
    assert kept["entitlement_feature"]["id"] == feature
    assert [one["id"] for one in stripe.get(path).body["data"]] == [kept["id"]]
    assert stripe.get(f"/v1/products/{teas[1]}/features").body["data"] == []
    assert stripe.delete(f"{path}/{kept['id']}").body["deleted"] is True
    assert stripe.get(path).body["data"] == []


def test_a_verb_changes_the_status_once() -> None:
    stripe = simulated()
    made = stripe.post("/v1/topups", {"amount": 2000, "currency": "usd"}).body
    path = f"/v1/topups/{made['id']}/cancel"
    assert stripe.post(path).body["status"] == "canceled"
    assert stripe.post(path).status == 400
    assert stripe.post("/v1/topups/tu_none/cancel").status == 404


def test_of_some_things_there_is_just_one() -> None:
    stripe = simulated()
    changed = stripe.post("/v1/tax/settings", {"defaults[tax_behavior]": "inclusive"}).body
    assert changed["defaults"]["tax_behavior"] == "inclusive"
    assert stripe.get("/v1/tax/settings").body == changed
    theirs = stripe.get("/v1/tax/settings", headers={"Stripe-Account": "acct_1"}).body
    assert theirs["defaults"]["tax_behavior"] != "inclusive"
    cash = stripe.get("/v1/customers/cus_1/cash_balance").body
    assert (cash["object"], cash["customer"]) == ("cash_balance", "cus_1")


def test_a_parameter_that_names_what_is_not_there_is_a_400() -> None:
    stripe = simulated()
    refused = stripe.post("/v1/tax_ids", {"type": "eu_vat", "value": "DE1"})
    assert refused.status == 200
    refused = stripe.post("/v1/setup_intents", {"customer": "cus_none"})
    assert (refused.status, refused.error["code"]) == (400, "resource_missing")
    assert refused.error["param"] == "customer"


def test_what_did_not_change_is_no_event() -> None:
    stripe = simulated()
    stripe.post("/v1/customers/cus_1", {"name": "Ada"})
    stripe.post("/v1/customers/cus_1", {"name": "Ada"})
    assert types(stripe) == ["customer.created", "customer.updated"]


def test_a_deleted_customer_has_no_subscription_any_more() -> None:
    stripe = simulated()
    customer = with_card(stripe)
    made = subscribed(stripe, customer=customer, **{"items[0][price]": priced(stripe)}).body
    stripe.delete(f"/v1/customers/{customer}")
    assert stripe.get(f"/v1/subscriptions/{made['id']}").body["status"] == "canceled"
    assert types(stripe)[-2:] == ["customer.subscription.deleted", "customer.deleted"]


def test_invoices_are_listed_by_their_subscription() -> None:
    stripe = simulated()
    customer, price = with_card(stripe), priced(stripe)
    first, second = (
        subscribed(stripe, customer=customer, **{"items[0][price]": price}).body for _ in range(2)
    )
    found = stripe.get("/v1/invoices", {"subscription": first["id"]}).body["data"]
    assert [one["id"] for one in found] == [first["latest_invoice"]]
    assert first["latest_invoice"] != second["latest_invoice"]
    named = stripe.get("/v1/customers", {"expand[]": "data.subscriptions"}).body["data"]
    mine = next(one for one in named if one["id"] == customer)
    assert len(mine["subscriptions"]["data"]) == 2
