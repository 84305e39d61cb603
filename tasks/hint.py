"""A hint: the message that names a step which is due, and the names of queues and tasks.

A hint may be lost, doubled or late. The journal has the step and all that it needs.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from .item import ItemKind

_PREFIX = "stripe_flows."

RUN_FLOW = "stripe_flows.run_flow"
"""The name of the task that runs a script."""


class Hint(BaseModel):
    """A message for a worker: this item of this run is due.

    The fields after `queue` are for people: Flower and the log show them.
    """

    model_config = ConfigDict(frozen=True)

    run_id: str
    """The run's id."""
    item_id: str
    """The item's id."""
    at: int
    """When the hint is published, by the journal's clock, in milliseconds."""
    queue: str
    """The queue that it is published to."""
    kind: ItemKind
    """The kind of the item: an execution or a call."""
    name: str
    """The flow of an execution, the operation of a call."""
    attempt: int
    """The number of the attempt that it is for; it is part of the Celery task id."""
    context_id: str
    """The caller's own name for the business."""

    @property
    def task(self) -> str:
        """The name of the Celery task that does the step."""
        return RUN_FLOW if self.kind == "execution" else task_name(self.name)

    @property
    def arguments(self) -> dict[str, str | int]:
        """The keyword arguments of that task: ids, and names for people to see. Nothing else."""
        return {
            "run": self.run_id,
            "item": self.item_id,
            "at": self.at,
            "flow" if self.kind == "execution" else "operation": self.name,
            "context_id": self.context_id,
        }


def queue_of(worker_id: str) -> str:
    """Return the queue that the workers of `worker_id` consume."""
    return f"flows.{worker_id}"


def task_name(operation: str) -> str:
    """Return the name of the Celery task of an operation: each of Stripe's endpoints has one."""
    return _PREFIX + operation


def is_hint(task: str) -> bool:
    """Return whether messages of this task are hints."""
    return task.startswith(_PREFIX)


def operation_of(task: str) -> str:
    """Return the operation that a task is named after."""
    return task.removeprefix(_PREFIX)
