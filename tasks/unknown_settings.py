"""Report environment variables that look like settings and are not: by name, once a process.

A misspelt variable has no effect, and without a warning nobody would notice.
"""

from __future__ import annotations

import functools
import logging
import os
import re
from collections.abc import Mapping
from difflib import get_close_matches

from stripe_flows.engine.redact import redact

from .settings import PREFIX, setting_variables

log = logging.getLogger("stripe_flows.settings")

_ALMOST = re.compile(r"STRIPE_?FLOWS?_", re.IGNORECASE)

_MAX_NAME = 100


def unknown_variables(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return one line for each variable of `environ` that looks like a setting and is not one.

    These are all that begin with STRIPE_FLOWS_, and those that begin almost like it and go on like a
    setting. Case does not matter, as in the settings themselves. A line never shows a value.
    """
    known = setting_variables()
    ours = [variable.removeprefix(PREFIX) for variable in known if variable.startswith(PREFIX)]
    lines = []
    for name in sorted(environ):
        begin = _ALMOST.match(name)
        if begin is None or name.upper() in known:
            continue
        exact = begin[0].upper() == PREFIX
        # Compare without the common beginning, which would make all of them similar.
        meant = get_close_matches(
            name[begin.end() :].upper(), ours, 1, cutoff=0.6 if exact else 0.8
        )
        if exact or meant:
            hint = f"; did you mean {PREFIX}{meant[0]}?" if meant else ""
            lines.append(redact(f"{name[:_MAX_NAME]} is not a setting and has no effect{hint}"))
    return tuple(lines)


@functools.cache
def report_unknown_variables() -> None:
    """Log a warning for each unknown variable of this process. Only the first call does it."""
    for line in unknown_variables(os.environ):
        log.warning("%s", line, extra={"action": "unknown_setting"})
