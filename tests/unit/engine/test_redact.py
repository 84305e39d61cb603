"""The second net against keys in text."""

from __future__ import annotations

import pytest

from stripe_flows.engine.redact import redact


@pytest.mark.parametrize("prefix", ["sk_test_", "sk_live_", "rk_test_", "rk_live_", "whsec_"])
def test_a_key_is_cut_down_to_its_prefix(prefix: str) -> None:
    assert redact(f"key={prefix}51AbcDEF, end") == f"key={prefix}***, end"


def test_other_text_stays_as_it_is() -> None:
    text = "pi_123 pm_card_visa pk_test_abc sk_testing"
    assert redact(text) == text


def test_a_key_is_found_behind_an_underscore() -> None:
    assert redact("new_sk_live_51AbcDEF()") == "new_sk_live_***()"
