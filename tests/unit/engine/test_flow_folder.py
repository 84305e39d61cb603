"""The flows folder: what counts as a flow, and what is refused."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from stripe_flows.engine.errors import FlowNotFound, InputError, ScriptRejected
from stripe_flows.engine.flow import FlowFolder, FlowSet


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
def test_a_file_whose_name_cannot_be_a_flow_is_none_and_is_reported(
    folder: Path, name: str
) -> None:
    # The name's UTF-8, also where the system's language has another encoding.
    path = Path(os.fsdecode(os.fsencode(folder) + b"/" + name.encode()))
    path.write_text("")
    flows = FlowFolder(folder)
    assert list(flows.read()[0]) == ["main"]
    (fault,) = flows.faults().items()
    assert fault[0] == path
    assert "cannot be the name of a flow: letters, digits" in fault[1]


def test_a_link_within_the_folder_is_a_flow(folder: Path) -> None:
    (folder / "again.py").symlink_to("main.py")
    flows, _ = FlowFolder(folder).read()
    assert flows["again"] == flows["main"]


def too_large(path: Path) -> None:
    path.write_text("#" * 65537)


def out_of_the_folder(path: Path) -> None:
    (path.parent.parent / "secret.py").write_text("x")
    path.symlink_to(path.parent.parent / "secret.py")


def in_no_encoding(path: Path) -> None:
    path.write_bytes(b"\xff\xfe")


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_folder(path: Path) -> None:
    path.mkdir()


def to_nothing(path: Path) -> None:
    path.symlink_to("nowhere.py")


def to_itself(path: Path) -> None:
    path.symlink_to(path.name)


BAD: list[tuple[Callable[[Path], None], str]] = [
    (too_large, "it is larger than 65,536 bytes, the limit of a script"),
    (out_of_the_folder, "it is a link that leads out of the flows folder"),
    (in_no_encoding, "it is not UTF-8"),
    (a_pipe, "it is not a file"),
    (a_folder, "it is not a file"),
    (to_nothing, "it is a link to a file that is not there"),
    (to_itself, "it cannot be read (a link that leads to itself)"),
]


@pytest.mark.parametrize(("make", "reason"), BAD, ids=[make.__name__ for make, _ in BAD])
def test_a_bad_file_is_a_flow_with_its_reason_and_stops_no_other(
    folder: Path, make: Callable[[Path], None], reason: str
) -> None:
    make(folder / "bad.py")
    flows = FlowFolder(folder)
    found, sources = flows.read()
    assert list(found) == ["bad", "main"]
    assert found.faults == {"bad": reason}
    assert "bad" in found
    assert sources[found["main"]] == "print(1)"
    with pytest.raises(ScriptRejected, match=re.escape(f"flows/bad.py: {reason}")):
        found["bad"]
    with pytest.raises(ScriptRejected):
        flows.source("bad")
    assert flows.survey() == ({"main": "print(1)"}, {folder / "bad.py": reason})


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_a_flow_with_its_reason(folder: Path) -> None:
    (folder / "bad.py").write_text("")
    (folder / "bad.py").chmod(0)
    assert FlowFolder(folder).read()[0].faults == {"bad": "it cannot be read (Permission denied)"}


def test_the_limit_itself_is_good(folder: Path) -> None:
    (folder / "main.py").write_text("#" * 65536)
    assert not FlowFolder(folder).read()[0].faults


def test_a_bad_file_that_stays_is_not_read_again_and_one_that_is_mended_is(folder: Path) -> None:
    (folder / "bad.py").write_bytes(b"\xff")
    flows = FlowFolder(folder)
    before = flows.read()[0]
    assert flows.read()[0] is before
    (folder / "bad.py").write_text("print(3)")
    after = flows.read()[0]
    assert not after.faults
    assert after.id != before.id


def test_a_growing_file_leaves_the_sets_id_as_it_was(folder: Path) -> None:
    flows = FlowFolder(folder)
    ids = set()
    for size in (70_000, 80_000):
        (folder / "log.py").write_text("#" * size)
        ids.add(flows.read()[0].id)
    assert len(ids) == 1


def test_a_file_that_grows_while_it_is_read_is_read_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fstat = os.fstat
    grown: list[int] = []

    def growing(number: int) -> os.stat_result:
        status = fstat(number)
        if not grown:
            grown.append(1)
            (folder / "main.py").write_text("print(1)\nprint(2)")
        return status

    monkeypatch.setattr(os, "fstat", growing)
    flows, sources = FlowFolder(folder).read()
    assert sources[flows["main"]] == "print(1)\nprint(2)"


def test_a_file_that_never_stands_still_is_a_flow_with_its_reason(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fstat = os.fstat
    text = "print(1)"

    def growing(number: int) -> os.stat_result:
        nonlocal text
        status = fstat(number)
        text += "#"
        (folder / "main.py").write_text(text)
        return status

    (folder / "other.py").write_text("")
    with monkeypatch.context() as patched:
        patched.setattr(os, "fstat", growing)
        flows = FlowFolder(folder)
        assert flows.read()[0].faults["main"] == "it changes while it is read"
    assert flows.read()[0]["main"] == hashlib.sha256(text.encode()).hexdigest()


def test_a_file_that_goes_away_between_the_listing_and_the_read_is_no_flow(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "gone.py").write_text("")
    opened = os.open

    def deleting(path: Path, flags: int) -> int:
        if path.name == "gone.py":
            path.unlink()
        return opened(path, flags)

    monkeypatch.setattr(os, "open", deleting)
    flows, _ = FlowFolder(folder).read()
    assert list(flows) == ["main"]


def test_a_file_that_is_replaced_between_the_listing_and_the_read_is_the_new_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = os.open
    replaced: list[int] = []

    def replacing(path: Path, flags: int) -> int:
        if not replaced:
            replaced.append(1)
            path.unlink()
            with pytest.raises(FileNotFoundError):
                opened(path, flags)
            path.write_text("print('new')")
            raise FileNotFoundError(2, "No such file or directory", str(path))
        return opened(path, flags)

    monkeypatch.setattr(os, "open", replacing)
    flows, sources = FlowFolder(folder).read()
    assert sources[flows["main"]] == "print('new')"


def test_a_link_that_is_put_in_a_files_place_is_not_followed(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret.py").write_text("secret")
    opened = os.open

    def swapping(path: Path, flags: int) -> int:
        path.unlink()
        path.symlink_to(tmp_path / "secret.py")
        return opened(path, flags)

    monkeypatch.setattr(os, "open", swapping)
    flows, sources = FlowFolder(folder).read()
    assert set(flows.faults) == {"main"}
    assert "secret" not in sources.values()


def test_hidden_files_and_caches_are_not_flows(folder: Path) -> None:
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "main.py").write_text("")
    (folder / ".main.py.swp.py").write_text("")
    assert list(FlowFolder(folder).read()[0]) == ["main"]


def test_a_set_is_the_same_after_json_whatever_the_order() -> None:
    first = FlowSet({"a": "0" * 64, "b": "1" * 64})
    second = FlowSet({"b": "1" * 64, "a": "0" * 64})
    assert first.id == second.id
    assert FlowSet.from_json(first.to_json()) == first
    assert FlowSet({"a": "1" * 64}).id != FlowSet({"a": "0" * 64}).id
    with pytest.raises(InputError, match="not a flow set"):
        FlowSet.from_json({"a": "short"})


def test_a_set_keeps_its_faults_through_json_and_its_old_id_without_them() -> None:
    shas = {"b": "0" * 64, "a": "1" * 64}
    flows = FlowSet(shas, {"c": "it is not UTF-8"})
    assert flows.to_json() == {"a": "1" * 64, "b": "0" * 64, "c": {"fault": "it is not UTF-8"}}
    assert FlowSet.from_json(flows.to_json()) == flows
    assert flows.id != FlowSet(shas).id
    # As it was when there were no faults.
    plain = json.dumps(dict(sorted(shas.items())), separators=(",", ":"))
    assert FlowSet(shas).id == hashlib.sha256(plain.encode()).hexdigest()
    with pytest.raises(InputError, match="not a flow set"):
        FlowSet.from_json({"a": {"fault": 1}})
