"""How operations are called: the one place for the rule, and for what it cannot tell by itself.

A resource's word is its service's folders and name in one (`checkout_session`). An operation is its
verb and its resource, and what the verb belongs to behind it: `create_checkout_session`,
`delete_customer_discount`, `mark_invoice_uncollectible`, `list_payment_intents`.
"""

from __future__ import annotations

MANY = ("list", "search")
"""Verbs that answer with many objects: their operations take the plural."""

VERBS = {
    # The current account's path has no id, so it is retrieved like any other, without one.
    ("account", "retrieve_current"): "retrieve",
    # The words after the verb say nothing that the resource's word does not.
    ("apps_secret", "delete_where"): "delete",
    ("terminal_reader", "set_reader_display"): "set_display",
}
"""Where Stripe's name of a verb is not ours: (resource, Stripe's verb) → ours."""

NAMES = {
    # Two endpoints that the verb and resource do not tell apart.
    "GET /v1/account": "retrieve_current_account",
}
"""Operations whose name does not follow from verb and resource."""


def resource_word(words: tuple[str, ...]) -> str:
    """`("billing_portal", "session")` → `billing_portal_session`."""
    return "_".join(words)


def verb_word(resource: str, verb: str) -> str:
    """The verb without the end that only repeats the resource: `finalize_invoice` → `finalize`."""
    if (resource, verb) in VERBS:
        return VERBS[resource, verb]
    words = resource.split("_")
    for length in range(len(words), 0, -1):
        end = "_" + "_".join(words[-length:])
        if verb.endswith(end):
            return verb.removesuffix(end)
    return verb


def operation_name(resource: str, verb: str, method: str, path: str) -> str:
    """The operation's name; no two may be the same, which the maker of the catalog demands."""
    special = NAMES.get(f"{method} {path}")
    if special is not None:
        return special
    if verb in MANY:
        return f"{verb}_{plural(resource)}"
    first, _, rest = verb.partition("_")
    return "_".join(part for part in (first, resource, rest) if part)


def plural(word: str) -> str:
    """`payment_intents`, `account_capabilities`; a word that ends in s is one already."""
    if word.endswith("s"):
        return word
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
