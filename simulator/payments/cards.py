"""Stripe's test cards: their names, their numbers, and the result of a payment with each.

Source: Stripe's document "Testing". A name is used in a payment method (`pm_card_visa`) and in a
token (`tok_visa`). A card without a name is known by its number. A stored card is recognized by its
fingerprint, which is the same for the same number, as at Stripe.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from types import MappingProxyType

from stripe_flows.simulator.types import Fields

from . import declines
from .declines import Decline


@dataclass(frozen=True)
class Card:
    """A test card.

    `authentication`: None, "always", "optional" (only if a payment asks for it), "on_session" (set
    up for off-session use), or "until_set_up" (for off-session use, by a setup intent or by a
    payment with `setup_future_usage`). `attaches`: whether it can be attached to a customer; a card
    that declines at once cannot. `disputes`: kinds of dispute of its payments (`disputes.KINDS`).
    `warned`: its payments get an early fraud warning. `skips_pending`: its money is available at
    once. `refund`: None, "pending" (succeeds later) or "fails" (later). `risk`: Radar's level.
    `cvc`, `line1`, `zip`: results of the checks.
    """

    number: str
    brand: str = "visa"
    funding: str = "credit"
    country: str = "US"
    decline: Decline | None = None
    attaches: bool = True
    authentication: str | None = None
    disputes: tuple[str, ...] = ()
    warned: bool = False
    skips_pending: bool = False
    refund: str | None = None
    risk: str = "normal"
    cvc: str = "pass"
    line1: str | None = None
    zip: str | None = None

    @property
    def last4(self) -> str:
        return self.number[-4:]


def _declined(number: str, decline: Decline, risk: str = "normal") -> Card:
    return Card(number, decline=decline, attaches=False, risk=risk)


NAMED = {
    "visa": Card("4242424242424242"),
    "visa_debit": Card("4000056655665556", funding="debit"),
    "mastercard": Card("5555555555554444", "mastercard"),
    "mastercard_debit": Card("5200828282828210", "mastercard", "debit"),
    "mastercard_prepaid": Card("5105105105105100", "mastercard", "prepaid"),
    "amex": Card("378282246310005", "amex"),
    "amex_threeDSecureNotSupported": Card("378282246310005", "amex"),
    "discover": Card("6011111111111117", "discover"),
    "diners": Card("3056930009020004", "diners"),
    "jcb": Card("3566002020360505", "jcb", country="JP"),
    "unionpay": Card("6200000000000005", "unionpay", country="CN"),
    "visa_cartesBancaires": Card("4000002500001001", country="FR"),
    "mastercard_cartesBancaires": Card("5555552500001001", "mastercard", country="FR"),
    "visa_debit_eftposAuCoBranded": Card("4000050360000001", funding="debit", country="AU"),
    "mastercard_debit_eftposAuCoBranded": Card("5555050360000080", "mastercard", "debit", "AU"),
    "debit_visaFsaProductCode": Card("4000051230000072", funding="debit"),
    "debit_visaHsaProductCode": Card("4000051230000072", funding="debit"),
    "mastercard_debit_mastercardFsaProductCode": Card("5200828282828897", "mastercard", "debit"),
    "bypassPending": Card("4000000000000077", skips_pending=True),
    "bypassPendingInternational": Card("4000003720000278", country="IE", skips_pending=True),
    "domesticPricing": Card("4000000000000093"),
    "avsFail": Card("4000000000000010", line1="fail", zip="fail"),
    "avsLine1Fail": Card("4000000000000028", line1="fail", zip="pass"),
    "avsZipFail": Card("4000000000000036", line1="pass", zip="fail"),
    "avsUnchecked": Card("4000000000000044", line1="unavailable", zip="unavailable"),
    "cvcCheckFail": Card("4000000000000101", cvc="fail"),
    "cvcCheckFailElevatedRisk": Card("4000058400307872", cvc="fail", risk="elevated"),
    "avsZipFailElevatedRisk": Card("4000058400306072", zip="fail", risk="elevated"),
    "refundFail": Card("4000000000005126", refund="fails"),
    "pendingRefund": Card("4000000000007726", refund="pending"),
    "riskLevelElevated": Card("4000000000009235", risk="elevated"),
    # A Radar setting decides whether these are blocked; by default they are not.
    "highFraudDisputeScore": Card("4000008400000407"),
    "highEfwScore": Card("4000008400000159"),
    "radarDynamicRiskThreshold": Card("4000008400001017"),
    "freeTrialAbuseBlock": Card("4001858821843804"),
    "adaptive3dsChallenge": Card("4000008405600003"),
    "radarBlock": _declined("4100000000000019", declines.FRAUDULENT, risk="highest"),
    "riskLevelHighest": _declined("4000000000004954", declines.FRAUDULENT, risk="highest"),
    "createDispute": Card("4000000000000259", disputes=("fraudulent",)),
    "createDisputeProductNotReceived": Card("4000000000002685", disputes=("product_not_received",)),
    "createDisputeInquiry": Card("4000000000001976", disputes=("inquiry",)),
    "createIssuerFraudRecord": Card("4000000000005423", warned=True),
    "createMultipleDisputes": Card("4000000404000079", disputes=("fraudulent", "fraudulent")),
    "createCe3EligibleDispute": Card("4000000404000038", disputes=("compelling_evidence",)),
    "createComplianceDispute": Card("4000008400000779", disputes=("visa_compliance",)),
    "createMastercardComplianceDispute": Card(
        "5105008400000002", "mastercard", disputes=("mastercard_compliance",)
    ),
    "createAutoRepresentmentEligibleDispute": Card("4000000001000043", disputes=("fraudulent",)),
    "chargeCustomerFail": Card("4000000000000341", decline=declines.GENERIC),
    # Stripe publishes the names of these two, and not their numbers.
    "chargeCustomerFailLostCard": Card("4000000000009988", decline=declines.LOST),
    "chargeCustomerFailStolenCard": Card("4000000000009989", decline=declines.STOLEN),
    "chargeDeclined": _declined("4000000000000002", declines.GENERIC),
    "chargeDeclinedInsufficientFunds": _declined("4000000000009995", declines.INSUFFICIENT),
    "chargeDeclinedLostCard": _declined("4000000000009987", declines.LOST),
    "chargeDeclinedStolenCard": _declined("4000000000009979", declines.STOLEN),
    "chargeDeclinedExpiredCard": _declined("4000000000000069", declines.EXPIRED),
    "chargeDeclinedIncorrectCvc": _declined("4000000000000127", declines.INCORRECT_CVC),
    "chargeDeclinedProcessingError": _declined("4000000000000119", declines.PROCESSING),
    "chargeDeclinedVelocityLimitExceeded": _declined("4000000000006975", declines.VELOCITY),
    "chargeDeclinedFraudulent": _declined("4100000000000019", declines.FRAUDULENT),
    "threeDSecure2Required": Card("4000000000003220", country="IE", authentication="always"),
    "threeDSecureRequired": Card("4000000000003063", authentication="always"),
    "threeDSecureRequiredChargeDeclined": Card(
        "4000008400001629", decline=declines.GENERIC, authentication="always"
    ),
    "threeDSecureRequiredProcessingError": Card("4000008400001280", decline=declines.GENERIC),
    "threeDSecureOptional": Card("4000000000003055", authentication="optional"),
    "threeDSecureOptionalProcessingError": Card("4000000000003097"),
    "authenticationRequired": Card("4000002760003184", country="DE", authentication="always"),
    "authenticationRequiredOnSetup": Card(
        "4000002500003155", country="FR", authentication="until_set_up"
    ),
    "authenticationRequiredSetupForOffSession": Card(
        "4000003800000446", country="IT", authentication="on_session"
    ),
    "authenticationRequiredChargeDeclinedInsufficientFunds": Card(
        "4000008260003178", country="GB", decline=declines.INSUFFICIENT, authentication="always"
    ),
    "ae_mastercard": Card("5200007840000022", "mastercard", country="AE"),
    "gb_debit": Card("4000058260000005", funding="debit", country="GB"),
    "gb_mastercard": Card("5555558265554449", "mastercard", country="GB"),
    "th_credit": Card("4000007640000003", country="TH"),
    "th_debit": Card("4000057640000008", funding="debit", country="TH"),
}

UNNAMED = (
    Card("2223003122003222", "mastercard"),
    Card("371449635398431", "amex"),
    Card("6011000990139424", "discover"),
    Card("6011981111111113", "discover", "debit"),
    Card("36227206271667", "diners"),
    Card("6200000000000047", "unionpay", "debit", "CN"),
    Card("6205500000000000004", "unionpay", country="CN"),
    Card("3530111333300000", "jcb", country="JP"),
    Card("4000008400000027", authentication="always"),
    Card("4000582600000094", country="GB", authentication="always"),
    Card("4000582600000045", country="GB", authentication="always"),
    Card("4000582600000102", country="GB", authentication="always"),
    Card("4000582600000110", country="GB", authentication="always"),
)

OF_COUNTRIES = (
    "ae 4000007840000001, ar 4000000320000021, at 4000000400000008, au 4000000360000006, "
    "be 4000000560000004, bg 4000001000000000, br 4000000760000002, by 4000001120000005, "
    "ca 4000001240000000, ch 4000007560000009, cl 4000001520000001, cn 4000001560000002, "
    "co 4000001700000003, cr 4000001880000005, cy 4000001960000008, cz 4000002030000002, "
    "de 4000002760000016, dk 4000002080000001, ec 4000002180000000, ee 4000002330000009, "
    "es 4000007240000007, fi 4000002460000001, fr 4000002500000003, gb 4000008260000000, "
    "gi 4000002920000005, gr 4000003000000030, hk 4000003440000004, hr 4000001910000009, "
    "hu 4000003480000005, ie 4000003720000005, in 4000003560000008, it 4000003800000008, "
    "jp 4000003920000003, li 4000004380000004, lt 4000004400000000, lu 4000004420000006, "
    "lv 4000004280000005, mt 4000004700000007, mx 4000004840008001, my 4000004580000002, "
    "nl 4000005280000002, no 4000005780000007, nz 4000005540000008, pa 4000005910000000, "
    "pe 4000006040000068, pl 4000006160000005, pt 4000006200000007, py 4000006000000066, "
    "ro 4000006420000001, sa 4000006820000007, se 4000007520000008, sg 4000007020000003, "
    "si 4000007050000006, sk 4000007030000001, tw 4000001580000008, us 4242424242424242, "
    "uy 4000008580000003"
)
"""Cards that pay without authentication, by the country of their bank."""


EXPIRY = {"exp_month": 12, "exp_year": 2034}
"""Expiry date shown for every test card."""

_VISA = NAMED["visa"]
_BY_COUNTRY = {
    code: replace(_VISA, number=number, country=code.upper())
    for code, number in (pair.split() for pair in OF_COUNTRIES.split(","))
}
_BY_NUMBER = {
    card.number: card for card in (*_BY_COUNTRY.values(), *UNNAMED, *reversed(NAMED.values()))
}
_BRANDS = (
    ("amex", r"3[47]"), ("diners", r"3[0689]"), ("jcb", r"35"), ("mastercard", r"5[1-5]|2[2-7]"),
    ("unionpay", r"62"), ("discover", r"6"), ("visa", r"4"),
)  # fmt: skip


def fingerprint(number: str) -> str:
    """Return the fingerprint of a card or account number, 16 characters."""
    return hashlib.sha256(number.encode()).hexdigest()[:16]


_BY_FINGERPRINT = MappingProxyType(
    {fingerprint(number): card for number, card in _BY_NUMBER.items()}
)


def named_card(name: str) -> Card | None:
    """Return the card of a test payment method (`pm_card_visa`) or token (`tok_visa`)."""
    for prefix in ("pm_card_", "tok_"):
        if name.startswith(prefix):
            name = name.removeprefix(prefix)
            break
    else:
        return None
    # Most declining cards have a second name that contains the brand.
    return NAMED.get(name) or NAMED.get(name.removeprefix("visa_")) or _BY_COUNTRY.get(name)


def numbered_card(number: str) -> Card:
    """Return the test card with this number. Any other number pays, as 4242… does."""
    known = _BY_NUMBER.get(number)
    if known is not None:
        return known
    brand = next((name for name, begin in _BRANDS if re.match(begin, number)), "visa")
    return replace(_VISA, number=number, brand=brand)


def is_number(text: str) -> bool:
    """Return whether a string can be a card number: its digits and Luhn's check digit."""
    if not text.isdecimal() or not 12 <= len(text) <= 19:
        return False
    digits = [int(digit) for digit in reversed(text)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def card_of(payment_method: Fields) -> Card:
    """Return the test card of a stored payment method, a source or a charge."""
    shown = payment_method.get("card") or payment_method
    return _BY_FINGERPRINT.get(shown.get("fingerprint") or "", _VISA)
