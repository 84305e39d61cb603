"""Seal what is stored: nobody can read it without a key, or use it in another place than its own.

A value is compressed, then encrypted (Fernet) together with its place: run, item and kind. Opening
checks the place. So a person who can write to Redis can drop a step, but cannot read it, alter it or
move it.
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
    "STRIPE_FLOWS_SEAL_KEYS is not set, and nothing is stored unsealed. Make a key with "
    "`stripe-flows keys new` and give the same one to every process. (To use a running "
    "`stripe-flows dev` from this shell: `. .stripe-flows/env`)"
)


RECORD = "record"
"""The kind of a record's lines."""


class Sealer:
    """Seal with the first key and open with any, so that keys can be rotated."""

    def __init__(self, keys: Sequence[SecretStr]) -> None:
        if not keys:
            raise SettingsError(MISSING)
        plain = [key.get_secret_value() for key in keys]
        self._fernet = MultiFernet([Fernet(key) for key in plain])
        self.key_ids: tuple[str, ...] = tuple(key_id(key) for key in plain)
        """Ids of the keys, which other processes may see."""

    def seal(self, run_id: str, item_id: str, kind: str, payload: JSONValue) -> bytes:
        """Return the sealed bytes of a JSON value. Its place is `kind` of `item_id` of `run_id`."""
        return self.seal_json(run_id, item_id, kind, json.dumps(payload, separators=(",", ":")))

    def seal_json(self, run_id: str, item_id: str, kind: str, payload: str) -> bytes:
        """Seal a value that is a JSON string already. See `seal`."""
        return self._sealed(compress(_placed(run_id, item_id, kind, payload)))

    def seal_line(self, run_id: str, payload: str) -> bytes:
        """Seal a line of the run's record. See `seal_json`."""
        return self._sealed(compress_line(_placed(run_id, "", RECORD, payload)))

    def open_line(self, run_id: str, sealed: bytes) -> JSONValue:
        """Open a line of the run's record. See `open`."""
        return self.open(run_id, "", RECORD, sealed)

    def open(self, run_id: str, item_id: str, kind: str, sealed: bytes) -> JSONValue:
        """Return the JSON value. Raises SealError if no key opens it, or its place is another."""
        try:
            whole = decompress(self._fernet.decrypt(urlsafe_b64encode(sealed)))
        except InvalidToken:
            raise SealError(
                f"{kind} of run {run_id} cannot be opened with the seal keys of this process "
                f"({', '.join(self.key_ids)}): it was sealed with another one, or altered"
            ) from None
        found = cast(list[JSONValue], json.loads(whole))
        if found[:3] != [run_id, item_id, kind]:
            raise SealError(f"{kind} of run {run_id} was stored in the place of another")
        return found[3]

    def _sealed(self, data: bytes) -> bytes:
        # Fernet returns base64 text. The bytes that it encodes are a quarter smaller.
        return urlsafe_b64decode(self._fernet.encrypt(data))

    def seal_key(self, key: str) -> str:
        """Return a Stripe key as a string that only `open_key` can read."""
        return self._fernet.encrypt(key.encode()).decode()

    def open_key(self, sealed: str) -> str:
        """Return the Stripe key. Call it only on the line that sends. Raises SealError."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise SealError("the Stripe key of a call was sealed with an unknown key") from None


def _placed(run_id: str, item_id: str, kind: str, payload: str) -> bytes:
    """Return the JSON of the payload's place and of the payload, as one list."""
    place = json.dumps([run_id, item_id, kind], separators=(",", ":"))
    return f"{place[:-1]},{payload}]".encode()


def key_id(key: str) -> str:
    """Return eight characters that name a seal key and do not reveal it."""
    return sha256(key.encode()).hexdigest()[:8]


def new_key() -> str:
    """Return a new seal key."""
    return Fernet.generate_key().decode()
