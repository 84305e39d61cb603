"""How the ids of Stripe's objects begin, as its API reference shows them in its examples.

Stripe promises none of it. So a prefix that does not fit is a reason to warn, never one to refuse.
"""

from __future__ import annotations

PREFIXES = {
    "account": ("acct_",),
    "application fee": ("fee_",),
    "balance transaction": ("txn_",),
    "bank account": ("ba_",),
    "card": ("card_",),
    "charge": ("ch_", "py_"),
    "checkout session": ("cs_",),
    "credit note": ("cn_",),
    "customer": ("cus_",),
    "dispute": ("dp_", "du_"),
    "event": ("evt_",),
    "file": ("file_",),
    "file link": ("link_",),
    "invoice": ("in_",),
    "invoice item": ("ii_",),
    "line item": ("il_", "li_"),
    "mandate": ("mandate_",),
    "payment intent": ("pi_",),
    "payment link": ("plink_",),
    "payment method": ("pm_",),
    "payout": ("po_",),
    "person": ("person_",),
    "price": ("price_",),
    "product": ("prod_",),
    "promotion code": ("promo_",),
    "quote": ("qt_",),
    "refund": ("re_", "pyr_"),
    "setup intent": ("seti_",),
    "shipping rate": ("shr_",),
    "source": ("src_",),
    "subscription": ("sub_",),
    "subscription item": ("si_",),
    "subscription schedule": ("sub_sched_",),
    "tax ID": ("txi_", "atxi_"),
    "tax rate": ("txr_",),
    "test clock": ("clock_",),
    "token": ("tok_",),
    "topup": ("tu_",),
    "transfer": ("tr_",),
    "transfer reversal": ("trr_",),
    "webhook endpoint": ("we_",),
}

_AT = {
    "accounts": ("account",),
    "application_fees": ("application fee",),
    "balance_transactions": ("balance transaction",),
    "charges": ("charge",),
    "checkout/sessions": ("checkout session",),
    "credit_notes": ("credit note",),
    "customers": ("customer",),
    "disputes": ("dispute",),
    "events": ("event",),
    "file_links": ("file link",),
    "files": ("file",),
    "invoiceitems": ("invoice item",),
    "invoices": ("invoice",),
    "mandates": ("mandate",),
    "payment_intents": ("payment intent",),
    "payment_links": ("payment link",),
    # Cards, bank accounts and sources are accepted where a payment method is asked for.
    "payment_methods": ("payment method", "card", "bank account", "source"),
    "payouts": ("payout",),
    "persons": ("person",),
    "prices": ("price",),
    "promotion_codes": ("promotion code",),
    "quotes": ("quote",),
    "refunds": ("refund",),
    "setup_intents": ("setup intent",),
    "shipping_rates": ("shipping rate",),
    "subscription_items": ("subscription item",),
    "subscription_schedules": ("subscription schedule",),
    "subscriptions": ("subscription",),
    "tax_ids": ("tax ID",),
    "tax_rates": ("tax rate",),
    "test_helpers/test_clocks": ("test clock",),
    "tokens": ("token",),
    "topups": ("topup",),
    "transfers": ("transfer",),
    "reversals": ("transfer reversal",),
    "webhook_endpoints": ("webhook endpoint",),
}
"""What an id means, by the part of the path before it. Only what Stripe always names itself: the id
of a product, a plan or a coupon may be the merchant's own."""

_KINDS = {prefix: kind for kind, prefixes in PREFIXES.items() for prefix in prefixes}
_LONGEST_FIRST = tuple(sorted(_KINDS, key=len, reverse=True))

ID_PARAMETERS = frozenset(
    {kind.lower().replace(" ", "_") for kinds in _AT.values() for kind in kinds} | {"account"}
)
"""Names of parameters that take such an id: a number there is a mistake, not a text of digits."""


def prefixes_at(collection: str) -> tuple[str, ...]:
    """The prefixes of ids that stand behind `/v1/customers/` or `/tax_ids/`; empty if unknown."""
    name = collection.removeprefix("/v1").strip("/")
    return tuple(p for kind in _AT.get(name, ()) for p in PREFIXES[kind])


def kind_of(value: str) -> tuple[str | None, str]:
    """The known prefix that `value` begins with and what it is of; (None, "") if there is none."""
    for prefix in _LONGEST_FIRST:
        if value.startswith(prefix):
            return prefix, _KINDS[prefix]
    return None, ""
