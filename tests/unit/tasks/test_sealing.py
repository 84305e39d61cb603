"""What is stored is unreadable, and useless anywhere but in its own place."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from stripe_flows.engine.errors import SealError, SettingsError
from stripe_flows.tasks.sealing import Sealer, new_key

KEY = new_key()


def sealer(*keys: str) -> Sealer:
    return Sealer([SecretStr(key) for key in keys])


def test_what_is_sealed_can_be_opened_in_its_place() -> None:
    sealed = sealer(KEY).seal("run", "item", "call", {"email": "jenny@example.com"})
    assert b"jenny" not in sealed
    assert sealer(KEY).open("run", "item", "call", sealed) == {"email": "jenny@example.com"}


@pytest.mark.parametrize(
    "place", [("other", "item", "call"), ("run", "other", "call"), ("run", "item", "execution")]
)
def test_what_was_moved_elsewhere_is_refused(place: tuple[str, str, str]) -> None:
    sealed = sealer(KEY).seal("run", "item", "call", {})
    with pytest.raises(SealError, match="in the place of another"):
        sealer(KEY).open(*place, sealed)


def test_what_was_altered_is_refused() -> None:
    sealed = bytearray(sealer(KEY).seal("run", "item", "call", {}))
    sealed[40] ^= 1
    with pytest.raises(SealError):
        sealer(KEY).open("run", "item", "call", bytes(sealed))


def test_another_key_opens_nothing_and_says_which_it_is() -> None:
    sealed = sealer(KEY).seal("run", "item", "call", {})
    other = sealer(new_key())
    with pytest.raises(SealError, match=other.key_ids[0]):
        other.open("run", "item", "call", sealed)


def test_a_key_is_rotated_by_putting_the_new_one_in_front() -> None:
    new = new_key()
    rotated = sealer(new, KEY)
    assert rotated.open("r", "i", "call", sealer(KEY).seal("r", "i", "call", 1)) == 1
    assert sealer(new).open("r", "i", "call", rotated.seal("r", "i", "call", 2)) == 2


def test_a_stripe_key_is_sealed_on_its_own() -> None:
    sealed = sealer(KEY).seal_key("sk_test_planted")
    assert "planted" not in sealed
    assert sealer(KEY).open_key(sealed) == "sk_test_planted"
    with pytest.raises(SealError) as caught:
        sealer(new_key()).open_key(sealed)
    assert "planted" not in str(caught.value)


def test_without_a_key_nothing_is_sealed() -> None:
    with pytest.raises(SettingsError, match=r"STRIPE_FLOWS_SEAL_KEYS.*keys new"):
        Sealer([])
