"""What no record keeps: card numbers, bank accounts, codes, secrets and keys."""

from __future__ import annotations

import json

import pytest

from stripe_flows.engine.masking import HIDDEN, masked, masked_text

CARD = "4242424242424242"


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("number", CARD, f"{HIDDEN} 4242"),
        ("number", int(CARD), f"{HIDDEN} 4242"),
        ("number", "4242 4242 4242 4242", f"{HIDDEN} 4242"),
        ("number", "1234", HIDDEN),
        ("account_number", "000123456789", f"{HIDDEN} 6789"),
        ("iban", "DE89370400440532013000", f"{HIDDEN} 3000"),
        ("cvc", "123", HIDDEN),
        ("cvc", 123, HIDDEN),
        ("cvc_token", "cvctok_123", HIDDEN),
        ("pin", "1234", HIDDEN),
        ("encrypted_number", "abcdefghijkl", HIDDEN),
        ("id_number", "000000000", HIDDEN),
        ("ssn_last_4", "0000", HIDDEN),
        ("password", "hunter2", HIDDEN),
        ("private_key_file_password", "hunter2", HIDDEN),
        ("client_secret", "pi_1_secret_2", HIDDEN),
        ("cryptogram", "AAAA", HIDDEN),
        ("cardNumber", CARD, f"{HIDDEN} 4242"),
        ("card_cvv", "123", HIDDEN),
    ],
)
def test_a_field_that_holds_a_number_or_a_secret_is_masked_wherever_it_stands(
    name: str, value: str | int, kept: str
) -> None:
    assert masked({"card": {name: value}}) == {"card": {name: kept}}
    assert masked([{name: [value]}]) == [{name: [kept]}]


@pytest.mark.parametrize("value", [CARD, "4242-4242-4242-4242", int(CARD), "378282246310005"])
def test_a_card_number_is_masked_in_a_field_of_any_name(value: str | int) -> None:
    found = json.dumps(masked({"metadata": {"note": value}}))
    assert "4242424" not in found.replace("-", "")
    assert "37828224" not in found
    assert HIDDEN in json.dumps(masked({"note": value}), ensure_ascii=False)


def test_keys_are_redacted_in_values_and_in_names() -> None:
    value = masked({"metadata": {"note": "it was sk_test_planted", "rk_live_planted": "whsec_abc"}})
    assert value == {"metadata": {"note": "it was sk_test_***", "rk_live_***": "whsec_***"}}


@pytest.mark.parametrize(
    "value",
    [
        {"amount": 2000, "currency": "usd", "confirm": True, "customer": "cus_123", "none": None},
        {"shipping": {"tracking_number": "1Z999"}, "phone": "+1 555 010 0199"},
        {"exp_month": 12, "exp_year": 2034, "lookup_key": "pro", "event_payload_key": "value"},
        {"created": 1795564175, "timestamp_ms": 1795564175123},
        {"order": "4242424242424241", "reference": "A-4242424242424242"},
        {"number_of_seats": 4, "cancel_at": 1795564175, "shipping_options": ["x"]},
    ],
)
def test_what_is_none_of_them_stays(value: dict[str, object]) -> None:
    assert masked(value) == value  # type: ignore[arg-type]


def test_a_card_number_in_a_text_leaves_its_last_four_digits() -> None:
    assert masked_text(f"card {CARD} was declined") == f"card {HIDDEN} 4242 was declined"
