"""Packing: what was stored before stays readable, and lines of a record are small."""

from __future__ import annotations

import zlib
from hashlib import sha256

import pytest
from pydantic import SecretStr

from stripe_flows.engine.errors import SealError
from stripe_flows.tasks.compression import DICTIONARY, compress, compress_line, decompress
from stripe_flows.tasks.sealing import RECORD, Sealer, new_key

LINE = (
    '["order-42","","record",{"kind":"call","status":"response","item":"'
    + "abcdefghijklmnopqrstuvwxyz"
    + '","attempt":1,"seconds":0.3,"object_id":"pi_123","http_status":200}]'
).encode()


@pytest.mark.parametrize("text", [b"", b"x", LINE, LINE * 1000])
def test_what_is_packed_is_read_again(text: bytes) -> None:
    assert decompress(compress(text)) == text
    assert decompress(compress_line(text)) == text


def test_what_was_stored_without_a_dictionary_stays_readable() -> None:
    for level in range(1, 10):
        assert decompress(zlib.compress(LINE, level)) == LINE
    sealer = Sealer([SecretStr(new_key())])
    assert sealer.open_line("order-42", sealer.seal("order-42", "", RECORD, {"kind": "start"})) == {
        "kind": "start"
    }


def test_a_line_takes_half_of_what_it_takes_without_the_dictionary() -> None:
    assert len(compress_line(LINE)) < len(compress(LINE)) / 2


def test_what_a_later_version_packs_is_refused_with_a_reason() -> None:
    with pytest.raises(SealError, match="a later version of stripe-flows"):
        decompress(b"\x02anything")


def test_the_dictionary_is_the_one_that_stored_lines_were_packed_with() -> None:
    """If this fails give the new dictionary a number of its own, and keep this one."""
    assert sha256(DICTIONARY).hexdigest()[:16] == "95c026d93397d975"


def test_a_line_in_the_place_of_another_runs_is_refused() -> None:
    sealer = Sealer([SecretStr(new_key())])
    with pytest.raises(SealError, match="in the place of another"):
        sealer.open_line("order-43", sealer.seal_line("order-42", "{}"))
