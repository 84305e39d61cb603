"""Sealing: whatever is stored is unreadable, and useless in another place than its own.

Everything is compressed, then encrypted as a whole (Fernet) together with where it belongs: run,
item and kind. Opening checks that it is read from there. So who can write to Redis can drop a step,
but not read it, alter it or put it elsewhere.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import cast

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from stripe_flows.engine.errors import SealError, SettingsError
from stripe_flows.engine.types import JSONValue

from .compression import compress, compress_line, decompress

MISSING = (
    "STRIPE_FLOWS_SEAL_KEYS is not set: nothing is stored unsealed. Make a key with "
    "`stripe-flows keys new` and give the same one to every process. (To use a running "
    "`stripe-flows dev` from this shell: `. .stripe-flows/env`)"
)


RECORD = "record"
"""The kind of a record's lines."""


class Sealer:
    """Seals with the first key and opens with any: that is how keys are rotated."""

    def __init__(self, keys: Sequence[SecretStr]) -> None:
        if not keys:
            raise SettingsError(MISSING)
        plain = [key.get_secret_value() for key in keys]
        self._fernet = MultiFernet([Fernet(key) for key in plain])
        self.key_ids: tuple[str, ...] = tuple(key_id(key) for key in plain)
        """What other processes may know of the keys: which ones they are."""

    def seal(self, run: str, item: str, kind: str, payload: JSONValue) -> bytes:
        """The sealed bytes of a JSON value that belongs to `kind` of `item` of `run`."""
        return self.seal_json(run, item, kind, json.dumps(payload, separators=(",", ":")))

    def seal_json(self, run: str, item: str, kind: str, payload: str) -> bytes:
        """As `seal`, for a value that is JSON text already."""
        return self._sealed(compress(_placed(run, item, kind, payload)))

    def seal_line(self, run: str, payload: str) -> bytes:
        """As `seal_json`, for a line of the run's record."""
        return self._sealed(compress_line(_placed(run, "", RECORD, payload)))

    def open_line(self, run: str, sealed: bytes) -> JSONValue:
        """As `open`, for a line of the run's record."""
        return self.open(run, "", RECORD, sealed)

    def open(self, run: str, item: str, kind: str, sealed: bytes) -> JSONValue:
        """The JSON value. Raises SealError: no key opens it, or it belongs elsewhere."""
        try:
            whole = decompress(self._fernet.decrypt(urlsafe_b64encode(sealed)))
        except InvalidToken:
            raise SealError(
                f"{kind} of run {run} cannot be opened with the seal keys of this process "
                f"({', '.join(self.key_ids)}): it was sealed with another one, or altered"
            ) from None
        found = cast(list[JSONValue], json.loads(whole))
        if found[:3] != [run, item, kind]:
            raise SealError(f"{kind} of run {run} was stored in the place of another")
        return found[3]

    def _sealed(self, data: bytes) -> bytes:
        # Fernet's token is base64 text; stored as the bytes that it stands for, it is a quarter less.
        return urlsafe_b64decode(self._fernet.encrypt(data))

    def seal_key(self, key: str) -> str:
        """A Stripe key as text that only `open_key` can read."""
        return self._fernet.encrypt(key.encode()).decode()

    def open_key(self, sealed: str) -> str:
        """The Stripe key. To be called on the line that sends, and nowhere else."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise SealError("the Stripe key of a call was sealed with an unknown key") from None


def _placed(run: str, item: str, kind: str, payload: str) -> bytes:
    """The payload behind the place that it belongs to."""
    place = json.dumps([run, item, kind], separators=(",", ":"))
    return f"{place[:-1]},{payload}]".encode()


def key_id(key: str) -> str:
    """Eight characters that name a seal key without telling it."""
    return sha256(key.encode()).hexdigest()[:8]


def new_key() -> str:
    """A fresh seal key."""
    return Fernet.generate_key().decode()
