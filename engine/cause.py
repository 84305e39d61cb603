"""Why an item is put off, and what that says of the attempt.

One table, so that a journal step takes one cause instead of flags that may contradict each other.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Meaning(NamedTuple):
    """What a cause says of its attempt.

    `unsure`: the attempt may have been executed. `burns`: it counts towards `MAX_ATTEMPTS`. `unsent`:
    it proves that nothing was executed, so it does not count as the first sending, unless an earlier
    attempt left a doubt.
    """

    unsure: bool = False
    burns: bool = False
    unsent: bool = False


class Cause(Enum):
    """Why an item is put off."""

    FAILED = "failed"
    """No answer, or one that leaves the outcome open (a 503)."""
    NEVER_LEFT = "never left"
    """Provably no byte of the request went out."""
    REFUSED = "refused"
    """A refusal that proves nothing, since an earlier attempt may have been executed."""
    IN_FLIGHT = "in flight"
    """Stripe still executes an earlier attempt with the same key."""
    LIMITED = "limited"
    """Too many requests: Stripe turned this one away before it looked at it."""
    OBJECT_LIMITED = "object limited"
    """Too many requests for one object, which lasts longer than the other limits."""
    LOCKED = "locked"
    """Another request works on the same object (`lock_timeout`)."""
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
        """What the cause says of its attempt."""
        return _MEANINGS[self]


_MEANINGS = {
    Cause.FAILED: Meaning(unsure=True, burns=True),
    Cause.NEVER_LEFT: Meaning(burns=True),
    Cause.REFUSED: Meaning(unsure=True, burns=True),
    Cause.IN_FLIGHT: Meaning(unsure=True),
    Cause.LIMITED: Meaning(unsent=True),
    Cause.OBJECT_LIMITED: Meaning(unsent=True),
    Cause.LOCKED: Meaning(),
    Cause.KEY_REFUSED: Meaning(unsent=True),
    Cause.STUCK: Meaning(unsent=True),
    Cause.CRASHED: Meaning(burns=True),
    Cause.BUSY: Meaning(),
}
