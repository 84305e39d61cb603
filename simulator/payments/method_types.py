"""Types of payment methods other than cards, and the course of a payment with each.

Source: Stripe's documents about each payment method ("Complete the payment", `next_action`). The
control endpoint `authenticate` does what the customer does on another page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class MethodType:
    """The course of a payment.

    `action`: the customer's `next_action`, None for none. `delayed`: the payment is `processing`
    before its result is known.
    """

    action: str | None = "redirect_to_url"
    delayed: bool = False


_REDIRECT = MethodType()
_DEBIT = MethodType(None, delayed=True)
MICRODEPOSITS = "verify_with_microdeposits"

_TYPES: Mapping[str, MethodType] = MappingProxyType(
    {
        "acss_debit": _DEBIT,
        "au_becs_debit": _DEBIT,
        "bacs_debit": _DEBIT,
        "nz_bank_account": _DEBIT,
        "sepa_debit": _DEBIT,
        "us_bank_account": _DEBIT,
        "customer_balance": MethodType("display_bank_transfer_instructions"),
        "alipay": MethodType("alipay_handle_redirect"),
        "blik": MethodType("blik_authorize"),
        "boleto": MethodType("boleto_display_details", delayed=True),
        "cashapp": MethodType("cashapp_handle_redirect_or_display_qr_code"),
        "konbini": MethodType("konbini_display_details", delayed=True),
        "multibanco": MethodType("multibanco_display_details", delayed=True),
        "oxxo": MethodType("oxxo_display_details", delayed=True),
        "paynow": MethodType("paynow_display_qr_code"),
        "pix": MethodType("pix_display_qr_code"),
        "promptpay": MethodType("promptpay_display_qr_code"),
        "sofort": MethodType(delayed=True),
        "swish": MethodType("swish_handle_redirect_or_display_qr_code"),
        "wechat_pay": MethodType("wechat_pay_display_qr_code"),
    }
)
"""Types that do not simply redirect."""

_LIKE_CARDS = frozenset({"card", "card_present", "interac_present", "link"})


def method_type(kind: str) -> MethodType | None:
    """Return how a payment with this type goes; None for cards and types that pay like one."""
    return None if kind in _LIKE_CARDS else _TYPES.get(kind, _REDIRECT)
