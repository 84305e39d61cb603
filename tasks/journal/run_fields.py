"""The fields of a run's hash. Their names are short, since every run has them.

The Lua scripts spell the same names; layout.md says who writes and reads each.
"""

from __future__ import annotations

from typing import Final

META: Final = "m"
"""Flow, worker, context and a digest of the input, sealed; removed when the run ends, if
META_IN_RECORD is set."""
META_IN_RECORD: Final = "ml"
"""Set while META stands also in the first line of the record."""
CONTEXT: Final = "c"
"""The context id."""
STARTED: Final = "b"
"""When the run was started (ms)."""
ENDED: Final = "e"
"""When the run ended (ms); absent while an item is open."""
CANCELLED: Final = "x"
"""When the run was cancelled (ms); absent otherwise."""
OPEN: Final = "o"
"""Number of open items."""
HELD: Final = "h"
"""Number of open items that count as held."""
CALLS: Final = "n"
"""Number of calls that the run's executions made."""
FAILED: Final = "fc"
"""Number of steps that failed, that nothing handled and that nobody tried again."""
FLOW_SET: Final = "f"
"""The flow set that the run keeps; absent before its first execution begins."""
ALERTED: Final = "w:"
"""Prefix, followed by an alert's kind: what was reported of the run, and by whom."""

RUN_FIELDS: Final = (META, OPEN, HELD, CALLS, FAILED, STARTED, ENDED, CANCELLED, FLOW_SET)
"""The fields from which the state of a run is read."""

STATE: Final = "!"
"""Suffix of an item's id: the item's state."""
BRANCH_FLOWS: Final = "@"
"""Suffix: the flow set of an execution that a person tries again; "" before it begins."""
RETRIEVAL: Final = "?"
"""Suffix: the id of the retrieval of the object that a person named for this held call."""
KEPT: Final = "~"
"""Suffix: the payload of a step that failed the run, kept for a person's retry."""


def state_field(item_id: str) -> str:
    """Return the field of an open item's state."""
    return item_id + STATE


def kept_field(item_id: str) -> str:
    """Return the field of a failed step's payload."""
    return item_id + KEPT


def kept_state_field(item_id: str) -> str:
    """Return the field of a failed step's state."""
    return item_id + KEPT + STATE
