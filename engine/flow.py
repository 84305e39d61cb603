"""Flows: named scripts, their hashes, and the folder they are read from.

A run keeps the flows it began with, so a set of flows is a value: names and SHA-256 hashes. Only the
folder touches files. A file that cannot be a script (too large, not UTF-8, a link out of the folder)
is a flow all the same. It fails with its reason when it is reached, so it stops no other flow, and no
other flow takes its place.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from .errors import FlowNotFound, InputError, ScriptRejected
from .nearest import nearest
from .types import JSONObject

MAX_SOURCE = 64 * 1024
"""The most bytes of UTF-8 that a script may have."""

_PART = r"[A-Za-z_][A-Za-z0-9_-]{0,99}"
_NAME = re.compile(rf"{_PART}(?:/{_PART}){{0,4}}")
_SHA = re.compile(r"[0-9a-f]{64}")


NAME_RULE = "letters, digits, _ and -, beginning with a letter or _, folders separated by /"


def is_flow_name(name: str) -> bool:
    """Return whether a flow can have this name: `main`, `new_create_price_error`, `examples/pay`."""
    return _NAME.fullmatch(name) is not None


def source_fault(source: str) -> str | None:
    """Return what is wrong with a script's text before it is read; None if nothing is."""
    try:
        size = len(source.encode())
    except UnicodeEncodeError:
        return "is not valid Unicode"
    return f"is {size:,} bytes; the limit is {MAX_SOURCE:,}" if size > MAX_SOURCE else None


class FlowSet(Collection[str]):
    """The names of flows and the SHA-256 of their sources: the flows that a run keeps.

    `faults` are the flows whose file cannot be a script, each with the reason. The set contains their
    names like all others.
    """

    def __init__(self, shas: Mapping[str, str], faults: Mapping[str, str] | None = None) -> None:
        self.shas: Mapping[str, str] = MappingProxyType(dict(sorted(shas.items())))
        self.faults: Mapping[str, str] = MappingProxyType(dict(sorted((faults or {}).items())))
        text = json.dumps(self.to_json(), separators=(",", ":"), ensure_ascii=True)
        self.id = hashlib.sha256(text.encode()).hexdigest()

    def __getitem__(self, name: str) -> str:
        """Return the SHA-256 of a flow.

        Raises ScriptRejected for a flow that cannot be a script, KeyError for an unknown one.
        """
        if name in self.faults:
            raise ScriptRejected(self.faults[name], flow=name)
        return self.shas[name]

    def __contains__(self, name: object) -> bool:
        return name in self.shas or name in self.faults

    def __iter__(self) -> Iterator[str]:
        return iter(sorted((*self.shas, *self.faults)))

    def __len__(self) -> int:
        return len(self.shas) + len(self.faults)

    def __hash__(self) -> int:
        return hash(self.id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FlowSet) and other.id == self.id

    def __repr__(self) -> str:
        return f"FlowSet({len(self)} flows, {self.id[:12]})"

    def to_json(self) -> JSONObject:
        """Return the set as JSON: a SHA-256 for each name, or `{"fault": reason}`."""
        # The order matters, since its digest is the set's id: without faults it has to be that of
        # sets which were stored before there were faults.
        return {**self.shas, **{name: {"fault": why} for name, why in self.faults.items()}}

    @classmethod
    def from_json(cls, value: JSONObject) -> FlowSet:
        """Read a set that `to_json` returned. Raises InputError for anything else."""
        shas: dict[str, str] = {}
        faults: dict[str, str] = {}
        for name, found in value.items():
            match found:
                case str() if is_flow_name(name) and _SHA.fullmatch(found):
                    shas[name] = found
                case {"fault": str(fault)} if is_flow_name(name):
                    faults[name] = fault
                case _:
                    raise InputError(f"not a flow set: {name!r} has no SHA-256")
        return cls(shas, faults)


@dataclass(frozen=True)
class _File:
    """One file as it was last read."""

    name: str | None
    """The name of the flow; None if a flow cannot have the file's name."""
    signature: tuple[int, ...] = ()
    """Another signature shows that the file has changed; an empty one has to be read again."""
    source: str = ""
    sha: str = ""
    fault: str | None = None
    """The reason why the file is not a script."""


@dataclass(frozen=True)
class _Read:
    """The folder as it was last read."""

    files: Mapping[Path, _File]
    flows: FlowSet
    sources: Mapping[str, str]


class _Gone(Exception):
    """A file that was listed is no longer there."""


class FlowFolder:
    """The flows folder. `read()` returns its current flows and reads only files that have changed.

    Threads may share it: the result is replaced as a whole, and reading twice does no harm.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._last: _Read | None = None

    def read(self) -> tuple[FlowSet, Mapping[str, str]]:
        """Return the flow set, and its sources by SHA-256.

        The next call sees a change in the folder; without one it costs one `stat` per file. A file
        that cannot be a script is one of the set's `faults`. Raises InputError for a folder that is
        missing or cannot be listed.
        """
        seen = self._look()
        return seen.flows, seen.sources

    def source(self, name: str) -> str:
        """Return the text of one flow.

        Raises FlowNotFound, which names the nearest flow, and ScriptRejected for a flow that cannot be
        a script.
        """
        flows, sources = self.read()
        if name not in flows:
            raise FlowNotFound(f"no flow {name!r} in {self.path}{nearest(name, flows)}")
        return sources[flows[name]]

    def faults(self) -> Mapping[Path, str]:
        """Return each file that cannot be a script, or has no flow's name, with the reason."""
        return {p: file.fault for p, file in self._look().files.items() if file.fault is not None}

    def survey(self) -> tuple[Mapping[str, str], Mapping[Path, str]]:
        """Return the texts of flows by name, and the faults by path. Raises InputError as `read`."""
        flows, sources = self.read()
        return {name: sources[sha] for name, sha in flows.shas.items()}, self.faults()

    def _look(self) -> _Read:
        seen = self._last
        known = dict(seen.files) if seen is not None else {}
        for left in reversed(range(_LOOKS)):
            files, gone = self._files(known)
            known |= files
            if not gone or not left:
                break
            # A deploy replaces files: a missing file may be back under its name.
        if seen is None or files != seen.files:
            named = {file.name: file for file in files.values() if file.name is not None}
            good = {name: file for name, file in named.items() if file.fault is None}
            seen = _Read(
                files,
                FlowSet(
                    {name: file.sha for name, file in good.items()},
                    {name: file.fault for name, file in named.items() if file.fault is not None},
                ),
                MappingProxyType({file.sha: file.source for file in good.values()}),
            )
            self._last = seen
        return seen

    def _files(self, known: Mapping[Path, _File]) -> tuple[dict[Path, _File], bool]:
        """Return all files by path, and whether one disappeared meanwhile."""
        root, gone = self.path.resolve(), False
        files: dict[Path, _File] = {}
        for path, fault in self._paths():
            name = path.relative_to(self.path).with_suffix("").as_posix()
            if fault is not None:
                files[path] = _File(None, fault=fault)
            elif not is_flow_name(name):
                files[path] = _File(
                    None, fault=f"{name!r} cannot be the name of a flow: {NAME_RULE}"
                )
            else:
                try:
                    files[path] = _file(name, path, root, known.get(path))
                except _Gone:
                    gone = True
        return files, gone

    def _paths(self) -> Iterator[tuple[Path, str | None]]:
        """Yield each file that may be a flow, and each folder that cannot be listed with the reason."""
        if not self.path.is_dir():
            option = "" if self.path == Path("flows") else f" --flows {self.path}"
            raise InputError(
                f"there is no flows folder {self.path}; `stripe-flows init{option}` makes one"
            )
        closed: list[OSError] = []
        for where, folders, files in os.walk(self.path, onerror=closed.append):
            folders[:] = sorted(one for one in folders if one[0] != "." and one != "__pycache__")
            for one in sorted((*folders, *files)):
                if one.endswith(".py") and one[0] != ".":
                    yield Path(where, one), None
        for error in closed:
            path = Path(os.fsdecode(error.filename))
            if path == self.path:
                raise InputError(f"the flows folder {path} cannot be read ({error.strerror})")
            if not isinstance(error, FileNotFoundError):
                yield path, f"a folder that cannot be read ({error.strerror})"


_LOOKS = 3
"""The most times that the folder is listed, or a file read, while somebody changes it."""

_TOO_LARGE = f"it is larger than {MAX_SOURCE:,} bytes, the limit of a script"


def _file(name: str, path: Path, root: Path, known: _File | None) -> _File:
    """Return one file as it is now. Raises _Gone."""
    try:
        place = path.resolve()
        if not place.is_relative_to(root):
            return _File(name, fault="it is a link that leads out of the flows folder")
        signature = _signature(place.stat())
        if known is not None and known.signature == signature:
            return known
        for _ in range(_LOOKS):
            found = _read(name, place)
            if found is not None:
                return found
    except FileNotFoundError:
        if path.is_symlink():
            return _File(name, fault="it is a link to a file that is not there")
        raise _Gone from None
    except (OSError, RuntimeError) as error:  # RuntimeError: a link that leads to itself
        reason = getattr(error, "strerror", None) or "a link that leads to itself"
        return _File(name, fault=f"it cannot be read ({reason})")
    return _File(name, fault="it changes while it is read")


def _read(name: str, place: Path) -> _File | None:
    """Read the file at `place`; return None if it changed meanwhile. Raises OSError.

    The open file is checked, so nobody can put another in its place. It is opened without waiting: a
    pipe would never answer.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
    opened = os.open(place, flags)
    try:
        before = os.fstat(opened)
        signature = _signature(before)
        if not stat.S_ISREG(before.st_mode):
            return _File(name, signature, fault="it is not a file")
        if before.st_size > MAX_SOURCE:
            return _File(name, signature, fault=_TOO_LARGE)
        data = os.read(opened, MAX_SOURCE + 1)
        if len(data) != before.st_size or _signature(os.fstat(opened)) != signature:
            return None
    finally:
        os.close(opened)
    try:
        source = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _File(name, signature, fault="it is not UTF-8")
    # Every line ends with a newline, as in text files everywhere.
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    return _File(name, signature, source, hashlib.sha256(source.encode()).hexdigest())


def _signature(status: os.stat_result) -> tuple[int, ...]:
    return (status.st_mtime_ns, status.st_size, status.st_ino, status.st_ctime_ns)
