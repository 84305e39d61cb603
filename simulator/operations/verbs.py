"""Field changes of custom verbs, as data for `generic`.

Source: the description of each endpoint in Stripe's API reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from stripe_flows.simulator.types import Fields

VERBS: Mapping[tuple[str, str], Fields] = MappingProxyType(
    {
        ("*", "cancel"): {"status": "canceled"},
        ("*", "cancel_action"): {"action": None},
        ("*", "expire"): {"status": "expired"},
        ("*", "fail"): {"status": "failed"},
        ("*", "return"): {"status": "returned"},
        ("*", "post"): {"status": "posted"},
        ("*", "succeed"): {"status": "succeeded"},
        ("*", "close"): {"status": "closed"},
        ("account", "reject"): {"charges_enabled": False, "payouts_enabled": False},
        ("account", "unreject"): {"charges_enabled": True, "payouts_enabled": True},
        ("apps.install", "uninstall"): {"status": "uninstalled"},
        ("billing.alert", "activate"): {"status": "active"},
        ("billing.alert", "archive"): {"status": "archived"},
        ("billing.alert", "deactivate"): {"status": "inactive"},
        ("billing.feedback_option", "deactivate"): {"status": "inactive", "active": False},
        ("billing.meter", "deactivate"): {"status": "inactive"},
        ("billing.meter", "reactivate"): {"status": "active"},
        ("financial_connections.account", "disconnect"): {"status": "disconnected"},
        ("identity.verification_session", "redact"): {"redaction": {"status": "processing"}},
        ("invoice_rendering_template", "archive"): {"status": "archived"},
        ("invoice_rendering_template", "unarchive"): {"status": "active"},
        ("issuing.authorization", "approve"): {"approved": True},
        ("issuing.authorization", "decline"): {"approved": False, "status": "closed"},
        ("issuing.authorization", "capture"): {"status": "closed"},
        ("issuing.authorization", "expire"): {"status": "expired"},
        ("issuing.authorization", "reverse"): {"status": "reversed"},
        ("issuing.dispute", "submit"): {"status": "submitted"},
        ("issuing.personalization_design", "activate"): {"status": "active"},
        ("issuing.personalization_design", "deactivate"): {"status": "inactive"},
        ("issuing.personalization_design", "reject"): {"status": "rejected"},
        ("payout", "reverse"): {"status": "paid"},
        ("review", "approve"): {"open": False, "reason": "approved", "closed_reason": "approved"},
        ("source", "verify"): {"status": "chargeable"},
        ("bank_account", "verify"): {"status": "verified"},
        ("three_d_secure.authentication", "submit"): {"status": "succeeded"},
    }
)
"""Resource (`*`: any that has the field) and verb → fields and their new values."""

ONE_TIME = frozenset({"cancel", "expire", "void", "close", "submit", "disconnect", "archive"})
"""Verbs that are refused the second time."""
