"""Check the names that callers choose: run_id, worker_id, context_id and others.

Each function returns None for a good value, else what is wrong with it, to be read after the name.
None repeats the value: it may be a key in the wrong place.
"""

from __future__ import annotations

import re

from .redact import redact

_RUN_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_WORKER_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_ACCOUNT = re.compile(r"[A-Za-z0-9_]{1,64}")
_HEADER = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?")


def key_fault(value: object) -> str | None:
    """Refuse a Stripe key: names are stored and shown as they are."""
    if isinstance(value, str) and redact(value) != value:
        return "holds a Stripe key; a key goes into stripe_secret"
    return None


def run_id_fault(value: object) -> str | None:
    """Accept `[A-Za-z0-9._:-]{1,128}`: it becomes part of a key of the journal."""
    if isinstance(value, str) and _RUN_ID.fullmatch(value):
        return key_fault(value)
    return "must be 1 to 128 letters, digits, dots, dashes, underscores or colons"


def worker_id_fault(value: object) -> str | None:
    """Accept `[A-Za-z0-9._-]{1,64}`: it becomes part of a queue's name."""
    if isinstance(value, str) and _WORKER_ID.fullmatch(value):
        return key_fault(value)
    return "must be 1 to 64 letters, digits, dots, dashes or underscores"


def context_id_fault(value: object) -> str | None:
    """Accept 1 to 200 printable characters."""
    if isinstance(value, str) and 1 <= len(value) <= 200 and value.isprintable():
        return key_fault(value)
    return "must be 1 to 200 printable characters"


def idempotency_key_fault(value: object) -> str | None:
    """Accept 1 to 255 ASCII characters, as a header (Stripe API reference, "Idempotent requests")."""
    if isinstance(value, str) and _HEADER.fullmatch(value):
        return key_fault(value)
    return "must be 1 to 255 printable ASCII characters, with no space at either end"


def stripe_account_fault(value: object) -> str | None:
    """Accept the id of a connected account (`acct_…`): it is the header `Stripe-Account`."""
    if isinstance(value, str) and _ACCOUNT.fullmatch(value):
        return None
    return "must be the id of a connected account, such as acct_1Abc"
