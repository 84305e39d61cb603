"""Identity is derived: the same item has the same id wherever and whenever it is computed."""

from __future__ import annotations

import json
from base64 import b32encode
from hashlib import sha256

from stripe_flows.engine.identity import child_id, root_id


def test_an_id_is_26_base32_characters_of_sha_256_over_json() -> None:
    digest = sha256(json.dumps(["shop", "order-42"], separators=(",", ":")).encode()).digest()
    assert root_id("shop", "order-42") == b32encode(digest).decode().lower()[:26]


def test_ids_differ_by_namespace_run_parent_kind_and_index() -> None:
    root = root_id("shop", "order-42")
    ids = {
        root,
        root_id("other", "order-42"),
        root_id("shop", "order-43"),
        child_id(root, "call", 0),
        child_id(root, "call", 1),
        child_id(root, "continuation", 0),
        child_id(child_id(root, "call", 0), "call", 0),
    }
    assert len(ids) == 7


def test_parts_cannot_be_shifted_into_each_other() -> None:
    assert root_id("a", "b:c") != root_id("a:b", "c")
    assert child_id("x", "call", 11) != child_id("x", "call1", 1)
