"""Files that only their owner may read, and the folder for them."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(".stripe-flows")
"""The folder of a machine's own files: the state of its local stack, the dashboard's password."""


def write_private(path: Path, text: str) -> None:
    """Write `text` to `path` with mode 0600, as a whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    made = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(made, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)
