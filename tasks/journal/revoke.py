"""REVOKE: put off an item whose hint was revoked, and discarded, before the attempt began."""

from __future__ import annotations

from stripe_flows.tasks.events import Line

from .record import seal_line
from .store import Store


def revoke(store: Store, run: str, line: Line, *, name: str, delay_ms: int) -> bool:
    """Put the item of `line` off. Return False where its attempt is not the next one any more.

    `name`: the flow or operation that the hint was published with.
    """
    reply = store.run(
        "revoke",
        run,
        run,
        line.item,
        line.attempt,
        line.kind,
        name,
        delay_ms,
        seal_line(store, run, line),
    )
    return bool(reply[0] == b"ok")
