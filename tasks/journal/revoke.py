"""REVOKE: put off an item whose hint was revoked in Celery before the attempt began."""

from __future__ import annotations

from stripe_flows.tasks.events import NewEvent

from .record import seal_line
from .store import Store


def revoke(store: Store, run_id: str, event: NewEvent, *, name: str, delay_ms: int) -> bool:
    """Put the item of `event` off. Return False if its attempt is no longer the next one.

    `name`: the flow or operation that the hint was published with.
    """
    reply = store.step(
        "revoke",
        run_id,
        event.item,
        event.attempt,
        event.kind,
        name,
        delay_ms,
        seal_line(store, run_id, event),
    )
    return bool(reply[0] == b"ok")
