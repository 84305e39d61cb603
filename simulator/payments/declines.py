"""Reasons for declined payments, with Stripe's codes.

Source: Stripe's documents "Testing" (declined payments), "Decline codes" and, for the advice, "Card
declines". If the testing page names no decline code, it is the error's own code.
"""

from __future__ import annotations

from dataclasses import dataclass

from stripe_flows.simulator.problems import doc_url
from stripe_flows.simulator.types import Fields


@dataclass(frozen=True)
class Decline:
    """A reason for a declined payment.

    `advice`: Stripe's advice on the next step. `blocked`: declined by Radar, before a bank was
    asked.
    """

    code: str
    decline_code: str
    advice: str
    message: str
    param: str | None = None
    type: str = "card_error"
    blocked: bool = False

    def error(self) -> Fields:
        """Return the error without the payment's own objects."""
        error: Fields = {
            "type": self.type,
            "code": self.code,
            "decline_code": self.decline_code,
            "advice_code": self.advice,
            "doc_url": doc_url(self.code),
            "message": self.message,
            "param": self.param,
        }
        return {name: value for name, value in error.items() if value}


def _card_declined(decline_code: str, advice: str, message: str) -> Decline:
    return Decline("card_declined", decline_code, advice, message)


_REFUSED = "Your card was declined."
GENERIC = _card_declined("generic_decline", "try_again_later", _REFUSED)
INSUFFICIENT = _card_declined(
    "insufficient_funds", "try_again_later", "Your card has insufficient funds."
)
LOST = _card_declined("lost_card", "do_not_try_again", _REFUSED)
STOLEN = _card_declined("stolen_card", "do_not_try_again", _REFUSED)
FRAUDULENT = Decline("card_declined", "fraudulent", "do_not_try_again", _REFUSED, blocked=True)
VELOCITY = _card_declined(
    "card_velocity_exceeded", "try_again_later", "The card was used too often or for too much."
)
EXPIRED = Decline(
    "expired_card", "expired_card", "do_not_try_again", "Your card has expired.", "exp_month"
)
INCORRECT_CVC = Decline(
    "incorrect_cvc",
    "incorrect_cvc",
    "confirm_card_data",
    "Your card's security code is incorrect.",
    "cvc",
)
PROCESSING = Decline(
    "processing_error",
    "processing_error",
    "try_again_later",
    "An error occurred while processing your card. Try again in a little bit.",
)
AUTHENTICATION_REQUIRED = Decline(
    "authentication_required",
    "authentication_required",
    "try_again_later",
    "Your card was declined. This transaction requires authentication.",
)
_UNAUTHENTICATED = "The provided PaymentMethod has failed authentication. Provide another one to "
AUTHENTICATION_FAILED = Decline(
    "payment_intent_authentication_failure",
    "",
    "",
    f"{_UNAUTHENTICATED}fulfill this PaymentIntent.",
    type="invalid_request_error",
)
SETUP_FAILED = Decline(
    "setup_intent_authentication_failure",
    "",
    "",
    f"{_UNAUTHENTICATED}fulfill this SetupIntent.",
    type="invalid_request_error",
)


def failed_debit(code: str) -> Decline:
    """Return the decline of a debit that the bank returns days later (Stripe's "Error codes")."""
    message = f"The bank gave the payment back: {code.replace('_', ' ')}."
    return Decline(code, "", "", message, type="invalid_request_error")
