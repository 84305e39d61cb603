"""A misspelt variable is reported by name, with the nearest right one, and never with its value."""

from __future__ import annotations

import logging

import pytest

from stripe_flows.tasks.settings import setting_variables
from stripe_flows.tasks.unknown_settings import report_unknown_variables, unknown_variables


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("STRIPE_FLOWS_SEAL_KEY", "; did you mean STRIPE_FLOWS_SEAL_KEYS?"),
        ("STRIPE_FLOWS_FLOW_DIR", "; did you mean STRIPE_FLOWS_FLOWS_DIR?"),
        ("stripe_flows_max_attemps", "; did you mean STRIPE_FLOWS_MAX_ATTEMPTS?"),
        ("STRIPE_FLOWS_REDIS", ""),
        ("STRIPE_FLOW_SEAL_KEYS", "; did you mean STRIPE_FLOWS_SEAL_KEYS?"),
        ("STRIPEFLOWS_NAMESPACE", "; did you mean STRIPE_FLOWS_NAMESPACE?"),
    ],
)
def test_a_variable_that_is_no_setting_is_reported_without_its_value(name: str, said: str) -> None:
    assert unknown_variables({name: "hush", "HOME": "/h"}) == (
        f"{name} is not a setting and has no effect{said}",
    )


def test_settings_in_any_case_and_variables_of_others_are_not_reported() -> None:
    names = [*setting_variables(), "stripe_flows_grace", "STRIPE_SECRET_KEY", "STRIPE_FLOW_KEY"]
    assert unknown_variables(dict.fromkeys(names, "x")) == ()


def test_a_name_that_holds_a_key_does_not_show_it() -> None:
    (line,) = unknown_variables({"STRIPE_FLOWS_=sk_test_planted": "1"})
    assert "planted" not in line


def test_a_process_reports_them_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("STRIPE_FLOWS_GRACES", "1")
    report_unknown_variables.cache_clear()
    with caplog.at_level(logging.WARNING):
        report_unknown_variables()
        report_unknown_variables()
    found = [r for r in caplog.records if r.__dict__.get("action") == "unknown_setting"]
    assert len(found) == 1
    assert "STRIPE_FLOWS_GRACE?" in found[0].getMessage()
    report_unknown_variables.cache_clear()
