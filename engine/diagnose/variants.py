"""Other ways to run a script: with its lines noted, with its steps counted, past unknown setters."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from stripe_flows.engine.sandbox.builders import PLAIN, Methods
from stripe_flows.engine.sandbox.prelude import part
from stripe_flows.engine.sandbox.script import Variant

_HERE = Path(__file__).parent
_STOP = "_sf_stop"
"""The host function that a traced script calls without end once it has reached its target."""

_SETTER = """\
    def {method}(self, *values, **named):
        _sf_set(self, {method!r}, {name!r}, values, named)
        return self
"""

_UNCHECKED = """\
    def unchecked(self, *values, **named):
        _sf_unchecked(self, values, named)
        return self
"""

_UNKNOWN = """\
    def {method}(self, *values, **named):
        self._set[{method!r}] = {step}
        self._bad.append({method!r})
        return self
"""

_WITHOUT_IDS = """\
def {name}(*ids):
    _sf_no_ids({name!r}, ids)
    return {class_name}()
"""

NOTING = replace(
    PLAIN,
    before=part(_HERE / "noting.monty"),
    value="[_sf_records, _sf_made, _sf_lines, _sf_made_at]",
)
"""The text of the script notes its lines: see call_lines.py."""

_TRACED = replace(
    PLAIN,
    before=part(_HERE / "tracing.monty"),
    setter=_SETTER,
    unchecked=_UNCHECKED,
    without_ids=_WITHOUT_IDS,
    step="_sf_step()",
)


def _lenient(methods: Methods) -> Methods:
    return replace(methods, unknown=_UNKNOWN, all_unknown=True)


_LENIENT, _LENIENT_TRACED = _lenient(PLAIN), _lenient(_TRACED)

LENIENT = Variant(_LENIENT)
"""The script continues past setters that do not exist: they are recorded as mistakes."""


def traced(target: int, *, lenient: bool) -> Variant:
    """Return how to run a script with its steps counted.

    Each setter and each verb is a step. At the step `target` the script is stopped (0: at none) by the
    sandbox's own limit on host calls, which no `try` in a script can catch. The traceback has the line.
    """
    return Variant(
        _LENIENT_TRACED if lenient else _TRACED,
        values={"_sf_target": target},
        functions={_STOP: _nothing},
    )


def _nothing() -> None:
    return None
