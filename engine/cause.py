"""The causes for which an item is deferred, and what each means for its attempt.

It is one table, so that a journal step takes one cause instead of flags that may contradict each
other.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Meaning(NamedTuple):
    """The meaning of a cause for its attempt."""

    unsure: bool = False
    """The attempt may have been executed."""
    counts: bool = False
    """It counts towards `MAX_ATTEMPTS`."""
    unsent: bool = False
    """Nothing was executed, so it is not the first sending, unless an earlier attempt is in doubt."""


class Cause(Enum):
    """Why an item is deferred."""

    FAILED = "failed"
    """No answer, or one that leaves the outcome open (a 503)."""
    NEVER_LEFT = "never left"
    """Provably no byte of the request went out."""
    REFUSED = "refused"
    """A refusal that proves nothing, since an earlier attempt may have been executed."""
    IN_FLIGHT = "in flight"
    """Stripe is still executing an earlier attempt with the same key."""
    LIMITED = "limited"
    """Too many requests: Stripe refused this one before it looked at it."""
    OBJECT_LIMITED = "object limited"
    """Too many requests for one object, which lasts longer than the other limits."""
    LOCKED = "locked"
    """Another request is changing the same object (`lock_timeout`)."""
    KEY_REFUSED = "key refused"
    """Stripe does not accept the key (401), which it checks before it looks at the request."""
    STUCK = "stuck"
    """This worker lacks what the item needs; nothing was sent."""
    CRASHED = "crashed"
    """The script's process died."""
    BUSY = "busy"
    """No script process became free; the script has not begun."""

    @property
    def meaning(self) -> Meaning:
        """The meaning of this cause for its attempt."""
        return _MEANINGS[self]


_MEANINGS = {
    Cause.FAILED: Meaning(unsure=True, counts=True),
    Cause.NEVER_LEFT: Meaning(counts=True),
    Cause.REFUSED: Meaning(unsure=True, counts=True),
    Cause.IN_FLIGHT: Meaning(unsure=True),
    Cause.LIMITED: Meaning(unsent=True),
    Cause.OBJECT_LIMITED: Meaning(unsent=True),
    Cause.LOCKED: Meaning(),
    Cause.KEY_REFUSED: Meaning(unsent=True),
    Cause.STUCK: Meaning(unsent=True),
    Cause.CRASHED: Meaning(counts=True),
    Cause.BUSY: Meaning(),
}
