"""Name the operations: the rule, and its exceptions.

A resource's word is its service's folders and name in one (`checkout_session`). An operation is its
verb and its resource, with the rest of the verb after it: `create_checkout_session`,
`delete_customer_discount`, `mark_invoice_uncollectible`, `list_payment_intents`.
"""

from __future__ import annotations

MANY = ("list", "search")
"""Verbs that answer with many objects: their operations are in the plural."""

VERBS = {
    # The current account's path has no id, so it is retrieved like any other, without one.
    ("account", "retrieve_current"): "retrieve",
    # The words after the verb only repeat the resource.
    ("apps_secret", "delete_where"): "delete",
    ("terminal_reader", "set_reader_display"): "set_display",
}
"""Verbs that have another name here: (resource, Stripe's verb) → ours."""

NAMES = {
    # Two endpoints have the same verb and resource.
    "GET /v1/account": "retrieve_current_account",
}
"""Operations whose name does not follow from verb and resource."""


def resource_word(words: tuple[str, ...]) -> str:
    """Return the word of a resource: `("billing_portal", "session")` → `billing_portal_session`."""
    return "_".join(words)


def verb_word(resource: str, verb: str) -> str:
    """Return the verb without an end that repeats the resource: `finalize_invoice` → `finalize`."""
    if (resource, verb) in VERBS:
        return VERBS[resource, verb]
    words = resource.split("_")
    for length in range(len(words), 0, -1):
        end = "_" + "_".join(words[-length:])
        if verb.endswith(end):
            return verb.removesuffix(end)
    return verb


def operation_name(resource: str, verb: str, method: str, path: str) -> str:
    """Return the name of an operation. `make_catalog` checks that no two are the same."""
    special = NAMES.get(f"{method} {path}")
    if special is not None:
        return special
    if verb in MANY:
        return f"{verb}_{plural(resource)}"
    first, _, rest = verb.partition("_")
    return "_".join(part for part in (first, resource, rest) if part)


def plural(word: str) -> str:
    """Return the plural: `account_capabilities`. A word that ends in s is one already."""
    if word.endswith("s"):
        return word
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
