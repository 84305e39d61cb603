"""This process as a caller of a local stack."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest

from stripe_flows import app
from stripe_flows.local.environment import clean_environment
from stripe_flows.local.stack import Stack
from stripe_flows.tasks import parts
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
            if parts._process_parts.cache_info().currsize:
                parts.process_parts(app).store.close()
            _forget()


def _forget() -> None:
    """Drops what this process made for another environment: settings, connections, pools."""
    current_settings.cache_clear()
    parts._process_parts.cache_clear()
    cast(Any, app)._after_fork()  # as Celery itself does in a forked process
