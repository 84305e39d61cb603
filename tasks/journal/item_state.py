"""The state of an open item, as the journal stores it: one field, its parts joined by `|`.

The scripts write it (`save` in lib.lua) and this module reads it. Lua's FIELDS has the same names in
the same order; layout.md says who writes each.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias, cast

from stripe_flows.tasks.item import ItemKind

ItemState: TypeAlias = Literal["published", "begun", "put_off", "held"]

_STATES: dict[str, ItemState] = {"R": "published", "B": "begun", "D": "put_off", "H": "held"}


class StoredState(NamedTuple):
    """The parts of an item's state, in the order in which they are stored."""

    version: int
    """Layout of these parts; 1."""
    kind: ItemKind
    state: ItemState
    attempts: int
    """Number of BEGINs, and of attempts that were revoked."""
    counted: int
    """The attempts that count towards MAX_ATTEMPTS."""
    first_ms: int
    """When a call was first sent, or an execution first begun; 0: not yet, or provably not."""
    unsure: bool
    """An earlier attempt may have been executed."""
    token: str
    """The random token of the lease; "" without one."""
    queue: str
    server: str
    """The run id of the Redis server on which the item was created or last begun."""
    held: bool
    """Counts as held, though a call that is put off is still sent again."""
    keys: str
    """The fingerprints of the sender's Stripe keys at the first sending."""
    name: str
    """The flow or the operation."""
    doubt: bool
    """It, or an item that it follows from, was written on another server than the present one."""
    lost: int = 0
    """Number of attempts whose worker never ended them."""
    made_ms: int = 0
    """When the item was created."""
    worker: str = ""
    """The worker process that began it last."""


def read_state(stored: bytes) -> StoredState:
    """Read an item's state. An older version stored fewer parts, a newer one stores more."""
    parts = dict(zip(StoredState._fields, stored.decode().split("|"), strict=False))
    return StoredState(
        version=int(parts["version"]),
        kind=cast(ItemKind, parts["kind"]),
        state=_STATES[parts["state"]],
        attempts=int(parts["attempts"]),
        counted=int(parts["counted"]),
        first_ms=int(parts["first_ms"]),
        unsure=parts["unsure"] == "1",
        token=parts["token"],
        queue=parts["queue"],
        server=parts["server"],
        held=parts["held"] == "1",
        keys=parts["keys"],
        name=parts["name"],
        doubt=parts["doubt"] == "1",
        lost=int(parts.get("lost", 0)),
        made_ms=int(parts.get("made_ms", 0)),
        worker=parts.get("worker", ""),
    )
