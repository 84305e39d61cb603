"""Flower's login: made at the first start, and kept where only its owner can read it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from stripe_flows.tasks.private_file import write_private

USER = "flower"


@dataclass(frozen=True)
class Login:
    """How to log in to Flower. `new`: it was made just now."""

    password: str
    path: Path
    new: bool

    @property
    def basic_auth(self) -> str:
        """As Flower's option takes it."""
        return f"{USER}:{self.password}"


def dashboard_login(folder: Path) -> Login:
    """The login that is kept in `folder`; made where there is none."""
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
