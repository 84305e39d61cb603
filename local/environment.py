"""The environment variables of the local stack's processes and of the commands that use them.

Variables of another deployment are left out: with the user's own `STRIPE_API_BASE` or key, a demo
could charge a real account.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from stripe_flows.tasks.private_file import write_private
from stripe_flows.tasks.sealing import new_key

SIMULATOR_KEY = "sk_test_theSimulatorTakesAny"
"""An invented key: the simulator accepts any key, and Stripe would refuse this one."""

_POINTS_ELSEWHERE = ("STRIPE_", "CELERY_", "FLOWER_", "REDIS_URL")


def clean_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return `environ` without the variables of Stripe, Celery, Flower, Redis and our settings."""
    return {
        name: value for name, value in environ.items() if not name.startswith(_POINTS_ELSEWHERE)
    }


def seal_key(folder: Path) -> str:
    """Return the seal key of the stack in `folder`; make it once, readable by its owner only."""
    path = folder / "seal.key"
    if not path.exists():
        write_private(path, new_key() + "\n")
    return path.read_text(encoding="utf-8").strip()


def stack_environment(
    folder: Path,
    *,
    broker_url: str,
    flows_dir: Path,
    simulator_url: str | None,
    stripe_key: str | None,
    extra: Mapping[str, str],
) -> dict[str, str]:
    """Return all variables of a process of the stack.

    Without `simulator_url` the processes use Stripe itself, with `stripe_key`.
    """
    env = clean_environment(os.environ)
    env |= {
        "STRIPE_FLOWS_BROKER_URL": broker_url,
        "REDIS_URL": broker_url,
        "STRIPE_FLOWS_SEAL_KEYS": seal_key(folder),
        "STRIPE_FLOWS_FLOWS_DIR": str(flows_dir.resolve()),
        "STRIPE_SECRET_KEY": stripe_key or SIMULATOR_KEY,
        "PYTHONUNBUFFERED": "1",
    }
    if simulator_url is not None:
        env["STRIPE_API_BASE"] = simulator_url
    return env | dict(extra)
