"""One attempt at a call: what the callbacks need to know of it, besides Stripe's answer."""

from __future__ import annotations

import time
from dataclasses import dataclass

from stripe_flows.tasks.journal.begin import Begun

from .item import CallItem


@dataclass
class CallAttempt:
    """One attempt at a call, from BEGIN to the commit of what follows."""

    begun: Begun[CallItem]
    """The call, and the lease that this worker holds on it."""
    began: float
    """The monotonic time at which the attempt began."""
    account: str = ""
    """The fingerprint of the Stripe key; "" until the key is opened."""
    live: bool | None = None
    """True for a live key; None until the key is opened for sending."""

    @property
    def item(self) -> CallItem:
        """The call as the journal keeps it."""
        return self.begun.payload

    @property
    def seconds(self) -> float:
        """Return the time since the attempt began, in seconds."""
        return time.monotonic() - self.began

    @property
    def idempotency_key(self) -> str:
        """The `Idempotency-Key`: the call's id, unless the caller or a person's retry set another."""
        return self.begun.payload.other_key or self.begun.item_id
