"""The checks: what Stripe rules out is told with its path, what Stripe takes passes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stripe_flows.engine.stripe.catalog import Shape, stripe_catalog
from stripe_flows.engine.stripe.check import mistakes
from stripe_flows.engine.stripe.values import FOREIGN, TIME
from stripe_flows.engine.types import JSONObject, JSONValue


def faults(operation: str, request: JSONObject) -> list[str]:
    catalog = stripe_catalog()
    return [m.text for m in mistakes(catalog, catalog.operations[operation], request)]


def of_subscription(name: str, value: JSONValue) -> list[str]:
    request: JSONObject = {"customer": "cus_1"}
    request[name] = value
    return faults("create_subscription", request)


def test_an_unknown_parameter_is_told_with_the_nearest() -> None:
    assert of_subscription("itmes", []) == [
        "new_subscription() has no parameter 'itmes'; did you mean 'items'?"
    ]


def test_a_nested_mistake_is_told_by_its_path() -> None:
    assert of_subscription("items", [{"price": "price_1"}, {"quantity": "2"}]) == [
        "new_subscription(): items[1].quantity must be an integer, not a string"
    ]
    assert of_subscription("items", [{"pric": "price_1"}]) == [
        "new_subscription(): items[0] has no parameter 'pric'; did you mean 'price'?"
    ]


def test_a_missing_required_parameter_is_told_also_where_it_is_nested() -> None:
    assert faults("create_payment_intent", {"amount": 1}) == [
        "new_payment_intent() needs 'currency'"
    ]
    assert of_subscription("transfer_data", {"amount_percent": 5}) == [
        "new_subscription(): transfer_data needs 'destination'"
    ]


@pytest.mark.parametrize("amount", ["2000", 20.0, 19.99, True])
def test_an_amount_that_is_no_integer_is_told_about_the_smallest_unit(amount: JSONValue) -> None:
    (fault,) = faults("create_payment_intent", {"amount": amount, "currency": "usd"})
    assert "amount must be an integer in the smallest unit of usd, not a" in fault


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("trial_period_days", True, "must be an integer, not a boolean"),
        ("cancel_at_period_end", 1, "must be True or False, not an integer"),
        ("description", True, "must be a string, not a boolean"),
        ("customer", 5, "must be a string, not an integer"),
        ("currency", 840, "must be a string, not an integer"),
        ("items", {"price": "x"}, "must be a list, not a dict"),
        ("payment_settings", "x", "must be a dict, not a string"),
        ("application_fee_percent", float("nan"), "must be a finite number"),
        ("description", "\ud800", "is not valid Unicode"),
        (
            "description",
            {FOREIGN: "set"},
            "cannot be sent: a request cannot hold a value of type set",
        ),
        ("metadata", {"a": ["b"]}, "metadata.a must be a string, not a list"),
        ("metadata", {TIME: 1}, "metadata must be a dict, not a datetime"),
        ("metadata", {"a": {TIME: 1}}, "metadata.a must be a string, not a datetime"),
        ("description", {TIME: 1}, "must be a string, not a datetime"),
        ("payment_settings", {TIME: 1}, "must be a dict, not a datetime"),
        ("trial_period_days", {TIME: 1}, "must be an integer, not a datetime"),
    ],
)
def test_a_wrong_type_is_told(name: str, value: JSONValue, wanted: str) -> None:
    (fault,) = of_subscription(name, value)
    assert wanted in fault


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("description", 5),
        ("description", 2.5),
        ("trial_end", "now"),
        ("trial_end", 1700000000),
        ("trial_end", {TIME: 1700000000}),
        ("default_tax_rates", ""),
        ("default_tax_rates", ["txr_1"]),
        ("metadata", {"order": "1", "count": 3, "gift": True, "rate": 1.5, "gone": ""}),
        ("metadata", ""),
        ("application_fee_percent", 10),
        ("application_fee_percent", 2.5),
        ("application_fee_percent", "2.5"),
        ("cancel_at", "max_period_end"),
        ("expand", ["latest_invoice"]),
        ("transfer_data", {}),
        ("billing_mode", {"flexible": {}}),
        ("payment_settings", {"payment_method_options": {"card": {"mandate_options": {}}}}),
    ],
)
def test_what_stripe_takes_is_taken(name: str, value: JSONValue) -> None:
    assert of_subscription(name, value) == []


def test_a_token_is_made_of_a_bank_account_by_its_id_too() -> None:
    assert faults("create_token", {"bank_account": "ba_1"}) == []
    assert faults("create_token", {"bank_account": {"country": "US", "account_number": "1"}}) == []
    (fault,) = faults("create_token", {"bank_account": {"country": "US"}})
    assert "bank_account needs 'account_number'" in fault


def test_an_object_of_nothing_is_told_where_one_is_needed_or_a_list_has_it() -> None:
    assert faults("create_account_session", {"account": "acct_1", "components": {}}) == [
        "new_account_session(): components may not be empty: it is required, and empty values are not "
        "sent"
    ]
    item: JSONObject = {"price": "price_1", "quantity": 1}
    assert faults("create_payment_link", {"line_items": [item, {}]}) == [
        "new_payment_link(): line_items[1] needs 'quantity'"
    ]


@pytest.mark.parametrize(("value", "fits"), [(2**63 - 1, True), (-(2**63), True), (2**63, False)])
def test_an_integer_of_more_than_64_bits_is_told(value: int, fits: bool) -> None:
    told = [] if fits else ["new_subscription(): {} is too large: the limit of Stripe is 64 bits"]
    for name in ("trial_period_days", "backdate_start_date"):
        assert of_subscription(name, value) == [one.format(name) for one in told]


@pytest.mark.parametrize("value", [[], [{}], [{"metadata": {}}]])
def test_what_is_needed_and_would_not_be_sent_is_told(value: JSONValue) -> None:
    wanted = "lines may not be empty: it is required, and empty values are not sent"
    assert faults("add_invoice_lines", {"lines": value}) == [
        f"invoice().add_lines_async(): {wanted}"
    ]
    assert of_subscription("add_invoice_items", value) == []
    operation = stripe_catalog().operations["add_invoice_lines"]
    assert mistakes(stripe_catalog(), operation, {"lines": value}, frozenset({"lines"})) == []


def test_an_empty_text_is_told_where_a_text_is_needed_and_cannot_be_unset() -> None:
    assert faults("create_payment_intent", {"amount": 1, "currency": ""}) == [
        "new_payment_intent(): currency may not be empty: it is required, and an empty string unsets"
    ]
    (fault,) = of_subscription("transfer_data", {"destination": ""})
    assert "transfer_data.destination may not be empty" in fault


def test_an_empty_text_that_stripe_may_refuse_is_odd_and_not_refused() -> None:
    catalog = stripe_catalog()
    update = catalog.operations["update_customer"]
    (doubt,) = mistakes(catalog, update, {"address": {"line2": ""}, "shipping": "", "metadata": ""})
    assert doubt.doubt
    assert doubt.text == (
        "customer().update_async(): address.line2 is empty: Stripe may answer that it cannot be unset"
    )


def test_of_several_kinds_the_one_that_was_meant_is_told() -> None:
    assert faults("list_events", {"created": "yesterday"}) == [
        "events().list_async(): created must be a Unix time, in seconds, as an integer or a "
        "datetime, not a string"
    ]
    assert faults("list_events", {"created": {"gt": "yesterday"}}) == [
        "events().list_async(): created.gt must be a Unix time, in seconds, as an integer or a "
        "datetime, not a string"
    ]


UNIX_TIME = "a Unix time, in seconds, as an integer or a datetime"


@pytest.mark.parametrize(
    ("operation", "parameter", "value", "told"),
    [
        (
            "create_subscription",
            "trial_end",
            "2027-01-01",
            f"trial_end must be {UNIX_TIME}, or 'now', not another string",
        ),
        (
            "create_subscription",
            "trial_end",
            1.5,
            f"trial_end must be {UNIX_TIME}, or 'now', not a float",
        ),
        (
            "create_subscription",
            "trial_end",
            [],
            f"trial_end must be {UNIX_TIME}, or 'now', not a list",
        ),
        (
            "confirm_payment_intent",
            "off_session",
            1,
            "off_session must be True or False, or one of 'one_off', 'recurring', not an integer",
        ),
        (
            "create_price",
            "tiers",
            [{"up_to": "infinite"}],
            "tiers[0].up_to must be an integer, or 'inf', not another string",
        ),
        (
            "create_price",
            "tiers",
            [{"up_to": {TIME: 1}}],
            "tiers[0].up_to must be an integer, or 'inf', not a datetime",
        ),
    ],
)
def test_where_one_of_several_kinds_is_taken_all_of_them_are_told(
    operation: str, parameter: str, value: JSONValue, told: str
) -> None:
    assert [text.partition(": ")[2] for text in faults(operation, {parameter: value})][:1] == [told]


BANK: JSONObject = {"object": "bank_account", "country": "US", "account_number": "1"}
CARD: JSONObject = {"object": "card", "number": "4242", "exp_month": 1, "exp_year": 2030}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({**BANK, "country": ["x"]}, ["external_account.country must be a string, not a list"]),
        ({**BANK, "cvc": "1"}, ["external_account has no parameter 'cvc'"]),
        (
            {"object": "bank_account"},
            ["external_account needs 'account_number'", "external_account needs 'country'"],
        ),
        (
            {**CARD, "exp_month": "x"},
            ["external_account.exp_month must be an integer, not a string"],
        ),
        ({"object": "card", "token": []}, ["external_account.token must be a string, not a list"]),
    ],
)
def test_of_several_objects_the_one_that_was_meant_is_told(
    value: JSONObject, told: list[str]
) -> None:
    found = faults("create_account_external_account", {"external_account": value})
    assert [text.partition(": ")[2] for text in found] == told


@pytest.mark.parametrize("value", ["1.50", "0.5", ".5", 2, 2.5, "12"])
def test_a_decimal_may_be_written_in_each_usual_way(value: JSONValue) -> None:
    assert faults("create_price", {"currency": "usd", "unit_amount_decimal": value}) == []


def test_a_decimal_that_is_no_number_is_told() -> None:
    for value in ("1,50", "1e3", "NaN", "١", "1_000", " 1", ""):
        (fault,) = faults("create_price", {"currency": "usd", "unit_amount_decimal": value})
        assert "must be a decimal number" in fault, value
        why = {"": "the string is empty", "NaN": "it is not finite"}.get(
            value, "the string is not one"
        )
        assert fault.endswith(f"; {why}")


def test_a_closed_list_is_told_with_its_values() -> None:
    closed: Shape = {"enum": ["day", "month"]}
    catalog = stripe_catalog()
    operation = catalog.operations["create_product"]
    changed = replace(operation, parameters={"interval": closed})
    assert [m.text for m in mistakes(catalog, changed, {"interval": "mounth"}) if m.parameter] == [
        "new_product(): interval must be one of 'day', 'month'; did you mean 'month'?"
    ]
    assert mistakes(catalog, changed, {"interval": "day"})[:-1] == []


def test_the_limits_of_metadata_are_kept() -> None:
    assert of_subscription("metadata", {f"k{n}": "v" for n in range(50)}) == []
    assert (
        "51 keys; the limit is 50"
        in of_subscription("metadata", {f"k{n}": "v" for n in range(51)})[0]
    )
    assert of_subscription("metadata", {"k" * 40: "v" * 500}) == []
    assert "1 to 40 characters" in of_subscription("metadata", {"k" * 41: "v"})[0]
    assert "500 characters" in of_subscription("metadata", {"k": "v" * 501})[0]
    assert "may not hold [ or ]" in of_subscription("metadata", {"a[b]": "v"})[0]


def test_all_mistakes_of_a_call_are_told_at_once() -> None:
    found = faults("create_payment_intent", {"amount": "x", "confrm": True})
    assert len(found) == 3


def test_no_message_repeats_a_value() -> None:
    secret = "jenny.rosen@example.com"
    found = faults(
        "create_payment_intent",
        {"amount": secret, "currency": "usd", "confirm": secret, "transfer_data": secret},
    )
    assert len(found) == 3
    assert secret not in "".join(found)


@pytest.mark.parametrize(
    ("operation", "name", "value", "told"),
    [
        (
            "create_subscription",
            "collection_method",
            "a_method_newer_than_the_catalog",
            "is not one of the known values: 'charge_automatically', 'send_invoice'",
        ),
        (
            "create_checkout_session",
            "mode",
            "recurring",
            "is not one of the known values: 'payment', 'setup', 'subscription'",
        ),
        ("create_checkout_session", "mode", "paymnt", "known values; did you mean 'payment'?"),
        ("create_tax_registration", "country", "a_new_one", ""),
        ("create_checkout_session", "locale", "a_new_one", ""),
        ("create_checkout_session", "mode", "setup", ""),
    ],
)
def test_a_value_that_a_short_open_list_does_not_have_is_odd_and_no_mistake(
    operation: str, name: str, value: str, told: str
) -> None:
    catalog = stripe_catalog()
    found = mistakes(catalog, catalog.operations[operation], {name: value})
    odd = [one for one in found if one.parameter == name]
    assert all(one.doubt for one in odd)
    assert len(odd) == (1 if told else 0)
    assert told in "".join(one.text for one in odd)
