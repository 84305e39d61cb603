"""Stripe's keys: seal them before they are stored, open them on the line that sends."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from stripe_flows.engine.call import SecretSource
from stripe_flows.engine.errors import InputError, StripeFlowsError
from stripe_flows.engine.redact import redact
from stripe_flows.engine.stripe.keys import is_key, is_key_variable, is_live
from stripe_flows.tasks.sealing import Sealer

DEFAULT = SecretSource(kind="reference", value="STRIPE_SECRET_KEY")
"""The meaning of `stripe_secret=None`."""


class KeyMissing(StripeFlowsError):
    """The variable of a call's key is not set on this worker, or does not hold a key."""


class LiveKeyRefused(StripeFlowsError):
    """The key is a live one, and this deployment does not accept live keys."""


def from_caller(secret: str | None, sealer: Sealer, *, allow_live: bool) -> SecretSource:
    """Return the caller's `stripe_secret` in the form that may be stored.

    Accepts a key, `env:NAME`, or None for `env:STRIPE_SECRET_KEY`. Raises InputError, whose text never
    holds the value.
    """
    if secret is None:
        return DEFAULT
    if not isinstance(secret, str):
        raise InputError(f"stripe_secret is a {type(secret).__name__}; it must be a string")
    if secret.startswith("env:"):
        name = secret.removeprefix("env:")
        if not is_key_variable(name):
            raise InputError(
                f"stripe_secret: {redact(secret)!r} is not accepted: the name must begin with STRIPE_ "
                "(and not with STRIPE_FLOWS_)"
            )
        return SecretSource(kind="reference", value=name)
    return seal_literal(secret, sealer, allow_live=allow_live)


def seal_literal(secret: str, sealer: Sealer, *, allow_live: bool) -> SecretSource:
    """Return the key, sealed. Raises InputError if it is not a key, or a live one is not accepted."""
    if not is_key(secret):
        raise InputError("stripe_secret is neither a Stripe key (sk_…, rk_…) nor env:NAME")
    if is_live(secret) and not allow_live:
        raise InputError(
            "stripe_secret is a live key; this deployment accepts live keys only with "
            "STRIPE_FLOWS_ALLOW_LIVE=true"
        )
    return SecretSource(kind="sealed", value=sealer.seal_key(secret))


def open_secret(
    source: SecretSource, sealer: Sealer, environ: Mapping[str, str], *, allow_live: bool
) -> str:
    """Return the key, for the line that sends. Raises KeyMissing, LiveKeyRefused, SealError."""
    if source.kind == "sealed":
        key = sealer.open_key(source.value)
    else:
        key = environ.get(source.value, "")
        if not is_key(key):
            what = "does not hold a Stripe key" if key else "is not set"
            raise KeyMissing(f"the variable {source.value} {what} on this worker")
    if is_live(key) and not allow_live:
        raise LiveKeyRefused(
            "the call's key is a live one; this worker accepts live keys only with "
            "STRIPE_FLOWS_ALLOW_LIVE=true"
        )
    return key


def fingerprint(key: str) -> str:
    """Return a digest of a Stripe key: the journal may have it, to tell two keys apart."""
    return sha256(key.encode()).hexdigest()[:12]


def fingerprints(environ: Mapping[str, str]) -> str:
    """Return digests of the Stripe keys of this environment, as `NAME=digest,…`."""
    found = [
        f"{name}={fingerprint(value)}"
        for name, value in sorted(environ.items())
        if is_key_variable(name) and is_key(value)
    ]
    return ",".join(found)


def rolled(source: SecretSource, before: str, now: str) -> bool:
    """Return whether the call's variable holds another key than at the first sending."""
    if source.kind != "reference":
        return False
    was = dict(pair.split("=", 1) for pair in before.split(",") if pair)
    is_ = dict(pair.split("=", 1) for pair in now.split(",") if pair)
    return source.value in was and was[source.value] != is_.get(source.value)
