"""The prefixes of ids, as the examples of Stripe's API reference show them.

Stripe does not promise them, so an unexpected prefix is a reason to warn, never one to refuse.
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
"""The kinds of object that an id may be of, by the part of the path before it. Products, plans and
coupons are left out: their ids may be the merchant's own."""

_KINDS = {prefix: kind for kind, prefixes in PREFIXES.items() for prefix in prefixes}
_LONGEST_FIRST = tuple(sorted(_KINDS, key=len, reverse=True))

ID_PARAMETERS = frozenset(
    {kind.lower().replace(" ", "_") for kinds in _AT.values() for kind in kinds} | {"account"}
)
"""The names of parameters that take such an id: a number there is a mistake, not digits."""

_PAID_WITH = ("payment method", "card", "bank account", "source")
_ACCOUNTS = dict.fromkeys(("account", "on_behalf_of", "stripe_account"), ("account",))
_REFERENCES: dict[str, tuple[str, ...]] = {
    **{
        kind.replace(" ", "_"): (kind,)
        for kind in (
            *("charge", "credit note", "customer", "dispute", "file", "invoice", "mandate"),
            *("payment intent", "payment link", "payout", "promotion code", "quote", "refund"),
            *("setup intent", "shipping rate", "subscription", "subscription item", "test clock"),
            *("transfer", "price", "product"),
        )
    },
    **dict.fromkeys(("payment_method", "default_payment_method"), _PAID_WITH),
    **dict.fromkeys(("tax_rates", "default_tax_rates", "tax_rate"), ("tax rate",)),
    **_ACCOUNTS,
    # A transfer goes to an account, a payout to a bank account or a card.
    "destination": ("account", "bank account", "card"),
    "source_transaction": ("charge",),
}
"""The kinds of object that the id in a parameter may be of, by the parameter's name at any depth.
`source` accepts too many kinds to be listed, and a plan is a price under another name."""

_OWN_NAMES = {"price": ("prod_", "cus_"), "product": ("price_", "cus_")}
"""Parameters whose id may be the merchant's own (a price may be an old plan), and the prefixes of
which it surely is not."""


def reference_fault(name: str, value: str) -> str | None:
    """Return the warning for an id of another kind of object in the parameter `name`."""
    kinds = _REFERENCES.get(name)
    if kinds is None:
        return None
    expected = tuple(prefix for kind in kinds for prefix in PREFIXES[kind])
    if name in _OWN_NAMES:
        return other_kind(value, expected) if value.startswith(_OWN_NAMES[name]) else None
    if "@" in value:
        return f"is an e-mail address; expected the id of {with_article(kinds[0])}, {expected[0]}…"
    if "_secret_" in value and kind_of(value)[0] is not None:
        return f"is a client secret; expected the id alone, {value.partition('_')[0]}_…"
    return other_kind(value, expected)


def other_kind(value: str, expected: tuple[str, ...]) -> str | None:
    """Return the warning for an id that begins as another kind of object does."""
    prefix, found = kind_of(value)
    if not expected or prefix is None or prefix in expected:
        return None
    listed = " or ".join(f"{one}…" for one in expected)
    return f"begins with {prefix}, as the id of {with_article(found)} does; expected {listed}"


def with_article(kind: str) -> str:
    """Return the kind of an object with its article: `an invoice`."""
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def prefixes_at(collection: str) -> tuple[str, ...]:
    """Return the prefixes of ids after `/v1/customers/` or `/tax_ids/`; none if unknown."""
    name = collection.removeprefix("/v1").strip("/")
    return tuple(p for kind in _AT.get(name, ()) for p in PREFIXES[kind])


def kind_of(value: str) -> tuple[str | None, str]:
    """Return the prefix of an id and its kind of object; (None, "") for an unknown prefix."""
    for prefix in _LONGEST_FIRST:
        if value.startswith(prefix):
            return prefix, _KINDS[prefix]
    return None, ""
