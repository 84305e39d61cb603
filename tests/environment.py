"""The environment that all tests and their child processes have, wherever they run.

A developer's shell, an editor's terminal and a build server differ in hundreds of variables: the
language, the colours, the width, a broker or a Stripe key of their own. The tests keep only those
that say where things are on this machine.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Final

_KEPT: Final = {
    "CI",
    "DYLD_LIBRARY_PATH",
    "HOME",
    "LD_LIBRARY_PATH",
    "PATH",
    "PWD",
    # Which files are tested, and how: `tools/mutants.py` sets these.
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONPATH",
    "TMPDIR",
    "USER",
    "VIRTUAL_ENV",
}
_KEPT_BEGINNINGS: Final = ("COVERAGE_", "COV_CORE_", "PIP_", "PYTEST_")
_SET: Final = {
    "LC_ALL": "C.UTF-8",
    # Also where the system has no such locale, and for child processes.
    "PYTHONUTF8": "1",
    "TERM": "xterm-256color",
    "TZ": "UTC",
}


def clean(environ: MutableMapping[str, str]) -> None:
    """Remove from `environ` what tests must not depend on, and set the language and terminal."""
    for name in list(environ):
        if name not in _KEPT and not name.startswith(_KEPT_BEGINNINGS):
            del environ[name]
    environ.update(_SET)
