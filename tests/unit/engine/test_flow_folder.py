"""The flows folder: what counts as a flow, and what is refused."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from stripe_flows.engine.errors import FlowNotFound, InputError
from stripe_flows.engine.flow import Flow, FlowFolder, FlowSet


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "flows"
    path.mkdir()
    (path / "main.py").write_text("print(1)")
    return path


def test_a_flow_is_named_by_its_file_and_its_folders(folder: Path) -> None:
    (folder / "examples").mkdir()
    (folder / "examples" / "checkout.py").write_text("print(2)")
    flows, sources = FlowFolder(folder).read()
    assert list(flows) == ["examples/checkout", "main"]
    assert flows["main"] == hashlib.sha256(b"print(1)").hexdigest()
    assert sources[flows["examples/checkout"]] == "print(2)"


def test_a_change_is_seen_by_the_next_read(folder: Path) -> None:
    flows = FlowFolder(folder)
    before, _ = flows.read()
    (folder / "main.py").write_text("print(22)")
    (folder / "new.py").write_text("print(3)")
    after, _ = flows.read()
    assert before.id != after.id
    assert flows.source("main") == "print(22)"
    (folder / "new.py").unlink()
    assert "new" not in flows.read()[0]


def test_without_a_change_no_file_is_read_again(folder: Path) -> None:
    flows = FlowFolder(folder)
    first = flows.read()
    assert flows.read()[0] is first[0]


def test_a_missing_flow_is_told_with_the_nearest_name(folder: Path) -> None:
    with pytest.raises(FlowNotFound, match="did you mean 'main'"):
        FlowFolder(folder).source("mian")


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no flows folder"):
        FlowFolder(tmp_path / "nowhere").read()


@pytest.mark.parametrize("name", ["two words.py", "1st.py", "a.b.py", "é.py"])
def test_a_file_whose_name_cannot_be_a_flow_is_refused(folder: Path, name: str) -> None:
    (folder / name).write_text("")
    with pytest.raises(InputError, match="cannot be the name of a flow"):
        FlowFolder(folder).read()


def test_a_link_out_of_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("x")
    (folder / "linked.py").symlink_to(tmp_path / "secret.py")
    with pytest.raises(InputError, match="leads out of the flows folder"):
        FlowFolder(folder).read()


def test_a_link_within_the_folder_is_a_flow(folder: Path) -> None:
    (folder / "again.py").symlink_to("main.py")
    flows, _ = FlowFolder(folder).read()
    assert flows["again"] == flows["main"]


def test_a_flow_of_more_than_64_kb_is_refused(folder: Path) -> None:
    (folder / "main.py").write_text("#" * 65536)
    FlowFolder(folder).read()
    (folder / "main.py").write_text("#" * 65537)
    with pytest.raises(InputError, match="65537 bytes; a script may have 65536"):
        FlowFolder(folder).read()


def test_a_flow_that_is_not_utf_8_is_refused(folder: Path) -> None:
    (folder / "main.py").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="not UTF-8"):
        FlowFolder(folder).read()


def test_hidden_files_and_caches_are_not_flows(folder: Path) -> None:
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "main.py").write_text("")
    (folder / ".main.py.swp.py").write_text("")
    assert list(FlowFolder(folder).read()[0]) == ["main"]


def test_a_flow_from_a_text_has_its_hash() -> None:
    assert Flow.of("main", "print(1)").sha == hashlib.sha256(b"print(1)").hexdigest()
    with pytest.raises(InputError, match="cannot be the name"):
        Flow.of("../main", "")


def test_a_set_is_the_same_after_json_whatever_the_order() -> None:
    first = FlowSet({"a": "0" * 64, "b": "1" * 64})
    second = FlowSet({"b": "1" * 64, "a": "0" * 64})
    assert first.id == second.id
    assert FlowSet.from_json(first.to_json()) == first
    assert FlowSet({"a": "1" * 64}).id != FlowSet({"a": "0" * 64}).id
    with pytest.raises(InputError, match="not a flow set"):
        FlowSet.from_json({"a": "short"})


def test_a_continuation_is_thens_own_or_the_operations_or_the_default() -> None:
    sha = "0" * 64
    names = ["new_create_price_response", "default_response", "default_error", "default_unknown"]
    flows = FlowSet(dict.fromkeys([*names, "after_response"], sha))
    assert flows.continuation("create_price", "after", "response") == "after_response"
    assert flows.continuation("create_price", None, "response") == "new_create_price_response"
    assert flows.continuation("create_price", "other", "response") == "new_create_price_response"
    assert flows.continuation("create_price", "after", "error") == "default_error"
    assert flows.continuation("create_customer", None, "response") == "default_response"
    assert FlowSet({}).continuation("create_price", None, "response") is None


def test_an_unknown_outcome_has_no_default() -> None:
    sha = "0" * 64
    flows = FlowSet({"default_unknown": sha, "new_create_price_unknown": sha})
    assert flows.continuation("create_customer", None, "unknown") is None
    assert flows.continuation("create_price", None, "unknown") == "new_create_price_unknown"
