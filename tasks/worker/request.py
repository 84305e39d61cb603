"""Celery's request for a hint: terminating it never leaves it half done without a word."""

from __future__ import annotations

from typing import Any

from celery.concurrency.base import BasePool
from celery.worker.request import Request


class HintRequest(Request):
    """A request whose task looks for itself whether it was revoked, before it begins the step."""

    name: str

    def terminate(self, pool: Any, signal: Any = None) -> None:
        """End the attempt, which the worker has as revoked. Raises NotImplementedError.

        A process of a prefork pool is killed; the step's lease lapses, and it goes on. No thread can
        be ended: Celery would accept the task and then neither run nor forget it.
        """
        if _can_terminate(pool):
            super().terminate(pool, signal)
        elif self.time_start:
            raise NotImplementedError(
                f"{self.name} [{self.id}] has begun, and a pool of threads cannot end it: it goes "
                "on. `stripe-flows cancel` keeps anything from following it"
            )


def _can_terminate(pool: Any) -> bool:
    return getattr(pool.terminate_job, "__func__", None) is not BasePool.terminate_job
