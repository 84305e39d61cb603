"""The page on operating lists every action that a log line may have, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from stripe_flows.tasks import alerts, log

ROOT = Path(__file__).parents[3]
WRITTEN = re.compile(r'"action": "(\w+)"|log_step\(\s*\w+, logging\.\w+, "(\w+)"')


def test_the_page_on_operating_lists_every_action() -> None:
    source = "".join(
        path.read_text() for folder in ("tasks", "engine") for path in (ROOT / folder).rglob("*.py")
    )
    written = {first or second for first, second in WRITTEN.findall(source)}
    written |= {*log._ACTIONS.values(), *alerts._ACTIONS.values(), "step_failed", "step_crashed"}
    page = (ROOT / "docs" / "operating.md").read_text()
    listed = re.findall(r"^\| `(\w+)`", page, re.MULTILINE)
    assert set(listed) == written
    assert len(listed) == len(written)
