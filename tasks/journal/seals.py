"""Refuse, at its start, a process whose seal keys the journal does not know."""

from __future__ import annotations

from typing import cast

from stripe_flows.engine.errors import SealError, SettingsError

from .keys import SEALS
from .store import Store


def check_seal(store: Store) -> None:
    """Check that this process can open what is in the journal.

    The journal keeps one sealed word per seal key that ever wrote to it. A process must open one of
    them, then it adds its own. So a new key is accepted together with an old one, and a wrong key is
    reported at once instead of at the first step. Raises SettingsError, JournalUnavailable.
    """
    with store.reaching():
        known = cast(dict[bytes, bytes], store.redis.hgetall(SEALS))
    if known and not any(_opens(store, name.decode(), word) for name, word in known.items()):
        raise SettingsError(
            f"STRIPE_FLOWS_SEAL_KEYS: the journal at {store.address} was sealed with "
            f"{', '.join(sorted(name.decode() for name in known))}; this process has "
            f"{', '.join(store.sealer.key_ids)}. Give it the old key after the new one"
        )
    own = store.sealer.key_ids[0]
    if own.encode() not in known:
        word = store.sealer.seal("", own, "seal", "open")
        with store.reaching():
            store.redis.hsetnx(SEALS, own, cast(str, word))


def _opens(store: Store, name: str, word: bytes) -> bool:
    try:
        store.sealer.open("", name, "seal", word)
    except SealError:
        return False
    return True
