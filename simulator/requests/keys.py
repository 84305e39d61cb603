"""API keys: read from the request and checked. Only a fingerprint is stored."""

from __future__ import annotations

import base64
import binascii

from stripe_flows.engine.stripe.keys import is_key, is_test
from stripe_flows.simulator.problems import Problem, unauthorized

from .ledger import fingerprint


def scheme(authorization: str | None) -> str | None:
    """Return `Basic` or `Bearer` of an `Authorization` header, without the secret."""
    first, _, rest = (authorization or "").partition(" ")
    return first if rest else None


def sent_key(authorization: str | None) -> str | None:
    """Return the key of an `Authorization` header: the user name of Basic, or the Bearer token."""
    scheme, _, rest = (authorization or "").partition(" ")
    match scheme.lower():
        case "bearer":
            return rest.strip() or None
        case "basic":
            try:
                text = base64.b64decode(rest, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                return None
            return text.partition(":")[0] or None
    return None


def key_problem(key: str | None) -> Problem | None:
    """Return the 401 for a refused key, or None. Keys with `invalid` or `expired` are refused."""
    if key is None:
        return unauthorized(
            "No API key was sent. Send the secret key as the user name of Basic authentication, "
            "or as a Bearer token."
        )
    if not (is_key(key) and is_test(key)) or "invalid" in key:
        return unauthorized("Invalid API Key provided: ********")
    if "expired" in key:
        return unauthorized("Expired API Key provided: ********", code="api_key_expired")
    return None


def key_fingerprint(key: str | None) -> str | None:
    return None if key is None else fingerprint(key)
