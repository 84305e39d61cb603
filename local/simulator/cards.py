"""Stripe's test cards: by name, by token, and what becomes of a payment with each.

Source: Stripe's document "Testing" (test payment methods, cards by brand and country, declined
payments, 3-D Secure) and "Decline codes" with its advice codes. Two-letter country cards succeed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from types import MappingProxyType

from stripe_flows.local.simulator.problems import doc_url
from stripe_flows.local.simulator.values import Fields


@dataclass(frozen=True)
class Decline:
    """Why a card is declined. `advice`: what Stripe advises to do next."""

    code: str
    decline_code: str
    advice: str
    message: str
    param: str | None = None

    def error(self) -> Fields:
        """The error, before the payment's own objects are put into it."""
        error: Fields = {
            "type": "card_error",
            "code": self.code,
            "decline_code": self.decline_code,
            "advice_code": self.advice,
            "doc_url": doc_url(self.code),
            "message": self.message,
        }
        return error if self.param is None else error | {"param": self.param}


@dataclass(frozen=True)
class Card:
    """A test card. `authentication`: None, "always", "on_session" (set up for off-session use), or
    "until_set_up" (by a setup intent, or by a payment that says `setup_future_usage`).

    `dispute`: the reason of the dispute that a payment with it meets, or "inquiry";
    `skips_pending`: its money is available at once.
    """

    last4: str
    brand: str = "visa"
    funding: str = "credit"
    country: str = "US"
    decline: Decline | None = None
    authentication: str | None = None
    dispute: str | None = None
    skips_pending: bool = False

    @property
    def attaches(self) -> bool:
        """Whether a customer can have it: what declines at once is declined then, too."""
        return self.decline is None or self.last4 == "0341"


def _card_declined(decline_code: str, advice: str, message: str) -> Decline:
    return Decline("card_declined", decline_code, advice, message)


_REFUSED = "The card was declined."
_GENERIC = _card_declined("generic_decline", "try_again_later", _REFUSED)
_INSUFFICIENT = _card_declined(
    "insufficient_funds", "try_again_later", "The card does not have enough funds."
)
_LOST = _card_declined("lost_card", "do_not_try_again", _REFUSED)
_STOLEN = _card_declined("stolen_card", "do_not_try_again", _REFUSED)
_FRAUDULENT = _card_declined("fraudulent", "do_not_try_again", _REFUSED)
_VELOCITY = _card_declined(
    "card_velocity_exceeded", "try_again_later", "The card was used too often or for too much."
)
_EXPIRED = Decline(
    "expired_card", "expired_card", "do_not_try_again", "The card has expired.", "exp_month"
)
_CVC = Decline(
    "incorrect_cvc", "incorrect_cvc", "confirm_card_data", "The security code is wrong.", "cvc"
)
_PROCESSING = Decline(
    "processing_error", "processing_error", "try_again_later", "The card could not be processed."
)
AUTHENTICATION_REQUIRED = Decline(
    "authentication_required",
    "authentication_required",
    "try_again_later",
    "The card was declined: this payment has to be authenticated.",
)

_CARDS = {
    "visa": Card("4242"),
    "visa_debit": Card("5556", funding="debit"),
    "mastercard": Card("4444", "mastercard"),
    "mastercard_debit": Card("8210", "mastercard", "debit"),
    "mastercard_prepaid": Card("5100", "mastercard", "prepaid"),
    "amex": Card("0005", "amex"),
    "amex_threeDSecureNotSupported": Card("0005", "amex"),
    "discover": Card("1117", "discover"),
    "diners": Card("0004", "diners"),
    "jcb": Card("0505", "jcb"),
    "unionpay": Card("0005", "unionpay"),
    "bypassPending": Card("0077", skips_pending=True),
    "bypassPendingInternational": Card("3720", skips_pending=True),
    "domesticPricing": Card("0093"),
    "avsFail": Card("0010"),
    "avsLine1Fail": Card("0028"),
    "avsZipFail": Card("0036"),
    "avsUnchecked": Card("0044"),
    "cvcCheckFail": Card("0101"),
    "refundFail": Card("5126"),
    "pendingRefund": Card("7726"),
    "riskLevelElevated": Card("9235"),
    "createDispute": Card("0259", dispute="fraudulent"),
    "createDisputeProductNotReceived": Card("2685", dispute="product_not_received"),
    "createDisputeInquiry": Card("1976", dispute="inquiry"),
    "threeDSecureOptional": Card("3055"),
    "threeDSecureOptionalProcessingError": Card("3097"),
    "chargeCustomerFail": Card("0341", decline=_GENERIC),
    "chargeDeclined": Card("0002", decline=_GENERIC),
    "chargeDeclinedInsufficientFunds": Card("9995", decline=_INSUFFICIENT),
    "chargeDeclinedLostCard": Card("9987", decline=_LOST),
    "chargeDeclinedStolenCard": Card("9979", decline=_STOLEN),
    "chargeDeclinedExpiredCard": Card("0069", decline=_EXPIRED),
    "chargeDeclinedIncorrectCvc": Card("0127", decline=_CVC),
    "chargeDeclinedProcessingError": Card("0119", decline=_PROCESSING),
    "chargeDeclinedVelocityLimitExceeded": Card("6975", decline=_VELOCITY),
    "chargeDeclinedFraudulent": Card("0019", decline=_FRAUDULENT),
    "radarBlock": Card("0019", decline=_FRAUDULENT),
    "riskLevelHighest": Card("4954", decline=_FRAUDULENT),
    "threeDSecure2Required": Card("3220", authentication="always"),
    "threeDSecureRequired": Card("3063", authentication="always"),
    "threeDSecureRequiredChargeDeclined": Card("1629", decline=_GENERIC, authentication="always"),
    "threeDSecureRequiredProcessingError": Card("1280", decline=_GENERIC),
    "authenticationRequired": Card("3184", authentication="always"),
    "authenticationRequiredOnSetup": Card("3155", authentication="until_set_up"),
    "authenticationRequiredSetupForOffSession": Card("0446", authentication="on_session"),
    "authenticationRequiredChargeDeclinedInsufficientFunds": Card(
        "3178", decline=_INSUFFICIENT, authentication="always"
    ),
}

_BY_LAST4 = MappingProxyType({(card.brand, card.last4): card for card in _CARDS.values()})
_COUNTRY = re.compile(r"([a-z]{2})(_debit)?")


def named_card(name: str) -> Card | None:
    """The card of a test payment method (`pm_card_visa`) or token (`tok_visa`)."""
    for prefix in ("pm_card_", "tok_"):
        if name.startswith(prefix):
            name = name.removeprefix(prefix)
            break
    else:
        return None
    # Most declining cards have a second name with the brand in it.
    card = _CARDS.get(name) or _CARDS.get(name.removeprefix("visa_"))
    match = _COUNTRY.fullmatch(name)
    if card is None and match is not None:
        funding = "debit" if match[2] else "credit"
        return replace(_CARDS["visa"], country=match[1].upper(), funding=funding)
    return card


def numbered_card(brand: str, last4: str) -> Card:
    """The test card whose number ends so; any other number pays, as 4242 does."""
    known = _BY_LAST4.get((brand.lower(), last4))
    return known or replace(_CARDS["visa"], brand=brand.lower(), last4=last4)


def card_of(payment_method: Fields) -> Card:
    """What the card behind a stored payment method does."""
    shown = payment_method.get("card") or {"brand": "visa", "last4": "4242"}
    return _BY_LAST4.get((shown["brand"], shown["last4"]), _CARDS["visa"])
