"""Celery's request for a hint. To terminate it kills the attempt's process, or is refused aloud.

Celery's own request is silent in a pool of threads, where nothing can be killed.
"""

from __future__ import annotations

from typing import Any

from celery.concurrency.base import BasePool
from celery.worker.request import Request


class HintRequest(Request):
    """A request whose task checks itself, before it begins the step, whether it was revoked."""

    name: str

    def terminate(self, pool: Any, signal: Any = None) -> None:
        """End a revoked attempt. Raises NotImplementedError if it runs in a thread.

        In a prefork pool its process is killed; the step goes on when its lease lapses. A thread cannot
        be killed: Celery would accept the task and then neither run nor forget it.
        """
        if _can_terminate(pool):
            super().terminate(pool, signal)
        elif self.time_start:
            raise NotImplementedError(
                f"{self.name} [{self.id}] has begun, and a pool of threads cannot end it: it goes "
                "on. `stripe-flows cancel` ends the run after it"
            )


def _can_terminate(pool: Any) -> bool:
    return getattr(pool.terminate_job, "__func__", None) is not BasePool.terminate_job
