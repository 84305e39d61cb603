"""Searches that Stripe refuses, each with a message that names the mistake."""

from __future__ import annotations

import pytest

from tests.unit.simulator.simulated import simulated
from tests.unit.simulator.test_resources import priced, subscribed, with_card


@pytest.mark.parametrize(
    ("resource", "query", "said"),
    [
        ("prices", "foo:'bar'", "`foo` is an unsupported search field for resource `prices`"),
        ("products", "created>0", "unsupported search field"),
        ("charges", "payment_method_details.card.cvc:'1'", "unsupported search field"),
        ("customers", "email:ada", "put it in quotes: email:'ada'"),
        ("customers", "metadata['a']:1", "put it in quotes"),
        ("customers", "email~'ad'", "at least 3 characters"),
        ("customers", "name>'Ada'", "`>` compares numbers"),
        ("customers", "created~'177'", "is a number"),
        ("customers", "created>'soon'", "'soon' is not a number"),
        ("payment_intents", "status~'payment'", "matches whole values"),
        ("customers", " AND ".join(["created>0"] * 11), "at most 10 clauses"),
        ("customers", "name:'Ada'email:'a@example.com'", "cannot be read"),
    ],
)
def test_what_a_search_does_not_take(resource: str, query: str, said: str) -> None:
    refused = simulated().get(f"/v1/{resource}/search", {"query": query})
    assert (refused.status, refused.error["param"]) == (400, "query"), refused.body
    assert said in refused.error["message"]


def test_a_search_finds_what_stands_elsewhere() -> None:
    stripe = simulated()
    params = {"items[0][price]": priced(stripe)}
    made = subscribed(stripe, customer=with_card(stripe), **params).body
    query = f"subscription:'{made['id']}'"
    found = stripe.get("/v1/invoices/search", {"query": query}).body["data"]
    assert [one["id"] for one in found] == [made["latest_invoice"]]
    query = "payment_method_details.card.last4:'4242' AND refunded:'false'"
    assert len(stripe.get("/v1/charges/search", {"query": query}).body["data"]) == 1


def test_a_part_of_a_name_is_found() -> None:
    stripe = simulated()
    stripe.post("/v1/customers", {"name": "Ada Lovelace"})
    for query, count in (("name~'love'", 1), ("-name~'love'", 1), ("name:null", 1)):
        found = stripe.get("/v1/customers/search", {"query": query}).body["data"]
        assert len(found) == count, query
