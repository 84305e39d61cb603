"""Flower's login: made at the first start, and kept in a file that only its owner can read."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from stripe_flows.tasks.private_file import write_private

USER = "flower"


@dataclass(frozen=True)
class Login:
    """The user's password for Flower."""

    password: str
    path: Path
    """The file that keeps it."""
    new: bool
    """True if it was made just now."""

    @property
    def basic_auth(self) -> str:
        """Return the value of Flower's option `basic_auth`."""
        return f"{USER}:{self.password}"


def dashboard_login(folder: Path) -> Login:
    """Return the login that is kept in `folder`; make it if there is none."""
    path = folder / "flower.password"
    try:
        kept = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        kept = ""
    if kept:
        return Login(kept, path, new=False)
    made = secrets.token_urlsafe(18)
    write_private(path, made + "\n")
    return Login(made, path, new=True)
