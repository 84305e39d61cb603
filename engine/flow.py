"""Flows: named scripts, their hashes, and the folder they are read from.

A run keeps the flows it began with, so a set of flows is a value: names and SHA-256 hashes. The
folder is the only place here that touches files, and it refuses whatever is not plainly a flow
inside it.
"""

from __future__ import annotations

import hashlib
import json
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from stripe_flows.engine.answer import AnswerKind
from stripe_flows.engine.errors import FlowNotFound, InputError, nearest
from stripe_flows.engine.types import JSONObject

MAX_SOURCE = 64 * 1024
"""Bytes of UTF-8 that one script may have."""

_PART = r"[A-Za-z_][A-Za-z0-9_-]{0,99}"
_NAME = re.compile(rf"{_PART}(?:/{_PART}){{0,4}}")
_SHA = re.compile(r"[0-9a-f]{64}")


def is_flow_name(name: str) -> bool:
    """Whether `name` can name a flow: `main`, `new_create_price_error`, `examples/checkout`."""
    return _NAME.fullmatch(name) is not None


@dataclass(frozen=True)
class Flow:
    """A script with its name. `sha` is the SHA-256 of the source's UTF-8, in hex."""

    name: str
    source: str
    sha: str

    @classmethod
    def of(cls, name: str, source: str) -> Flow:
        """A flow from its text. Raises InputError for a bad name or a source over 64 KB."""
        if not is_flow_name(name):
            raise InputError(f"{name!r} cannot be the name of a flow: {_RULE}")
        return cls(name, source, source_sha(name, source))


_RULE = "letters, digits, _ and -, beginning with a letter or _, folders separated by /"


def source_sha(name: str, source: str) -> str:
    """The SHA-256 of a script's text, in hex. Raises InputError past 64 KB of UTF-8."""
    try:
        data = source.encode()
    except UnicodeEncodeError:
        raise InputError(f"flows/{name}.py: the text is not valid Unicode") from None
    if len(data) > MAX_SOURCE:
        raise InputError(f"flows/{name}.py: {len(data)} bytes; a script may have {MAX_SOURCE}")
    return hashlib.sha256(data).hexdigest()


class FlowSet(Mapping[str, str]):
    """Flow names and the SHA-256 of their sources, as a run is pinned to them."""

    def __init__(self, shas: Mapping[str, str]) -> None:
        self.shas: Mapping[str, str] = MappingProxyType(dict(sorted(shas.items())))
        text = json.dumps(dict(self.shas), separators=(",", ":"), ensure_ascii=True)
        self.id = hashlib.sha256(text.encode()).hexdigest()

    def __getitem__(self, name: str) -> str:
        return self.shas[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.shas)

    def __len__(self) -> int:
        return len(self.shas)

    def __hash__(self) -> int:
        return hash(self.id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FlowSet) and other.id == self.id

    def __repr__(self) -> str:
        return f"FlowSet({len(self)} flows, {self.id[:12]})"

    def continuation(self, operation: str, then: str | None, kind: AnswerKind) -> str | None:
        """The flow that an answer of `kind` to a call of `operation` continues in.

        `then`'s own flow if it exists, else the operation's, else the default; None if there is
        none. An unknown outcome has no default: only a flow written for it may decide about it.
        """
        names = [f"{then}_{kind}"] if then is not None else []
        names.append(f"new_{operation}_{kind}")
        if kind != "unknown":
            names.append(f"default_{kind}")
        return next((name for name in names if name in self.shas), None)

    def to_json(self) -> JSONObject:
        return dict(self.shas)

    @classmethod
    def from_json(cls, value: JSONObject) -> FlowSet:
        """The set that `to_json` gave. Raises InputError if it is not one."""
        shas: dict[str, str] = {}
        for name, sha in value.items():
            if not is_flow_name(name) or not isinstance(sha, str) or not _SHA.fullmatch(sha):
                raise InputError(f"not a flow set: {name!r} has no SHA-256")
            shas[name] = sha
        return cls(shas)


@dataclass(frozen=True)
class _Read:
    """One file as it was last read: `signature` tells whether it has to be read again."""

    signature: tuple[int, ...]
    source: str
    sha: str


@dataclass(frozen=True)
class _Seen:
    """The folder as it was last read."""

    files: Mapping[str, _Read]
    flows: FlowSet
    sources: Mapping[str, str]


class FlowFolder:
    """The flows folder. `read()` gives what is there now; only files that changed are read.

    Threads may share it: what was read is replaced as a whole, and reading twice does no harm.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._seen: _Seen | None = None

    def read(self) -> tuple[FlowSet, Mapping[str, str]]:
        """The flow set and its sources by hash.

        A change in the folder is seen by the next call; without one it costs one `stat` a file.
        Raises InputError for a folder that is not there, a name that cannot be a flow's, a link
        that leads out of the folder, a file over 64 KB or one that is not UTF-8.
        """
        seen = self._seen
        known = seen.files if seen is not None else {}
        files = {name: _read(name, path, known.get(name)) for name, path in self._find()}
        if (
            seen is None
            or files.keys() != known.keys()
            or any(file is not known[name] for name, file in files.items())
        ):
            seen = _Seen(
                files,
                FlowSet({name: file.sha for name, file in files.items()}),
                MappingProxyType({file.sha: file.source for file in files.values()}),
            )
            self._seen = seen
        return seen.flows, seen.sources

    def source(self, name: str) -> str:
        """The text of one flow. Raises FlowNotFound, naming the nearest flow there is."""
        flows, sources = self.read()
        if name not in flows:
            raise FlowNotFound(f"no flow {name!r} in {self.path}{nearest(name, flows)}")
        return sources[flows[name]]

    def survey(self) -> tuple[Mapping[str, str], Mapping[Path, str]]:
        """The texts of all flows by name, and by its path why a file is none; nothing is skipped for
        another file's sake. Raises InputError for a folder that is not there."""
        sources: dict[str, str] = {}
        faults: dict[Path, str] = {}
        root = self.path.resolve()
        for path in self._paths():
            try:
                name = self._name(path, root)
                sources[name] = _read(name, path, None).source
            except InputError as error:
                faults[path] = str(error)
        return sources, faults

    def _find(self) -> Iterator[tuple[str, Path]]:
        root = self.path.resolve()
        for path in self._paths():
            yield self._name(path, root), path

    def _paths(self) -> Iterator[Path]:
        if not self.path.is_dir():
            raise InputError(f"there is no flows folder {self.path}")
        for path in sorted(self.path.rglob("*.py")):
            parts = path.relative_to(self.path).parts
            if not any(part.startswith(".") or part == "__pycache__" for part in parts):
                yield path

    def _name(self, path: Path, root: Path) -> str:
        if not path.resolve().is_relative_to(root):
            raise InputError(f"{path}: a link that leads out of the flows folder")
        name = path.relative_to(self.path).with_suffix("").as_posix()
        if not is_flow_name(name):
            raise InputError(f"{path}: {name!r} cannot be the name of a flow: {_RULE}")
        return name


def _read(name: str, path: Path, known: _Read | None) -> _Read:
    try:
        status = path.stat()
        signature = (status.st_mtime_ns, status.st_size, status.st_ino, status.st_ctime_ns)
        if known is not None and known.signature == signature:
            return known
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"{path}: not a file")
        if status.st_size > MAX_SOURCE:
            raise InputError(
                f"flows/{name}.py: {status.st_size} bytes; a script may have {MAX_SOURCE}"
            )
        source = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    return _Read(signature, source, source_sha(name, source))
