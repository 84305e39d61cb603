"""How a payment with each type of payment method goes, beyond cards.

Source: Stripe's documents about each payment method ("Complete the payment", `next_action`). What
the customer does on another page, a control endpoint does here (`authenticate`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Manner:
    """`action`: the `next_action` that the customer is asked for, None if for none; `delayed`:
    whether the payment is `processing` before it is known how it went."""

    action: str | None = "redirect_to_url"
    delayed: bool = False


_REDIRECT = Manner()
_DEBIT = Manner(None, delayed=True)
MICRODEPOSITS = "verify_with_microdeposits"

MANNERS: Mapping[str, Manner] = MappingProxyType(
    {
        "acss_debit": _DEBIT,
        "au_becs_debit": _DEBIT,
        "bacs_debit": _DEBIT,
        "nz_bank_account": _DEBIT,
        "sepa_debit": _DEBIT,
        "us_bank_account": _DEBIT,
        "customer_balance": Manner("display_bank_transfer_instructions"),
        "alipay": Manner("alipay_handle_redirect"),
        "blik": Manner("blik_authorize"),
        "boleto": Manner("boleto_display_details", delayed=True),
        "cashapp": Manner("cashapp_handle_redirect_or_display_qr_code"),
        "konbini": Manner("konbini_display_details", delayed=True),
        "multibanco": Manner("multibanco_display_details", delayed=True),
        "oxxo": Manner("oxxo_display_details", delayed=True),
        "paynow": Manner("paynow_display_qr_code"),
        "pix": Manner("pix_display_qr_code"),
        "promptpay": Manner("promptpay_display_qr_code"),
        "sofort": Manner(delayed=True),
        "swish": Manner("swish_handle_redirect_or_display_qr_code"),
        "wechat_pay": Manner("wechat_pay_display_qr_code"),
    }
)
"""Those that do not just redirect."""

_LIKE_CARDS = frozenset({"card", "card_present", "interac_present", "link"})


def manner(kind: str) -> Manner | None:
    """How a payment with this type goes; None for cards, and what is paid with like one."""
    return None if kind in _LIKE_CARDS else MANNERS.get(kind, _REDIRECT)
