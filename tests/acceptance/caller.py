"""This process as a caller of a local stack, and short ways to start flows there."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest

from stripe_flows import Run, app, start_flow
from stripe_flows.local.environment import clean_environment
from stripe_flows.local.stack import Stack
from stripe_flows.tasks import services
from stripe_flows.tasks.settings import current_settings


@contextmanager
def calling(stack: Stack) -> Iterator[None]:
    """Within it, `start_flow`, `get_run` and `list_runs` of this process talk to the stack."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ.keys() - clean_environment(os.environ).keys():
            patch.delenv(name)
        for name, value in stack.env.items():
            patch.setenv(name, value)
        _forget()
        try:
            yield
        finally:
            if services._process_services.cache_info().currsize:
                services.process_services(app).store.close()
            _forget()


def fresh(name: str = "run") -> str:
    return f"{name}-{uuid.uuid4().hex[:12]}"


def start_main(run_id: str | None = None, **changed: object) -> Run:
    given: dict[str, object] = {
        "flow": "main",
        "params": {"customer": "cus_customer123"},
        "worker_id": "worker-1",
        "context_id": "context-123",
        "stripe_secret": "sk_test_ofthecaller",
        "run_id": run_id,
        **changed,
    }
    return start_flow(**given)  # type: ignore[arg-type]


def _forget() -> None:
    """Drops what this process made for another environment: settings, connections, pools."""
    current_settings.cache_clear()
    services._process_services.cache_clear()
    cast(Any, app)._after_fork()  # as Celery itself does in a forked process
