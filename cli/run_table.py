"""A table of runs, a line each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.table import Table
from rich.text import Text

from stripe_flows.tasks.journal.read import RunState
from stripe_flows.tasks.printable import one_line

from .timeline import STATUS_STYLES


def run_table(states: Sequence[RunState], why: Mapping[str, str]) -> Table:
    """Return the runs as a table; `why` has, by run_id, why a run waits."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    titles = ["run", "status", "flow", "started (UTC)", "calls", "worker", "context"]
    for title in titles + (["waits"] if any(why.values()) else []):
        table.add_column(title, no_wrap=True)
    for state in states:
        table.add_row(
            state.run_id,
            Text(state.status, STATUS_STYLES[state.status]),
            state.meta.flow,
            f"{state.started:%Y-%m-%d %H:%M:%S}",
            str(state.calls),
            state.meta.worker_id,
            Text(one_line(state.meta.context_id)),
            *([Text(one_line(why.get(state.run_id, "")))] if any(why.values()) else []),
        )
    return table
