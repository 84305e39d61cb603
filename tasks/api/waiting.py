"""Explain why an open step waits, in the same words everywhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from stripe_flows.tasks.journal.read import OpenItem
from stripe_flows.tasks.printable import one_line


class WaitKind(IntEnum):
    """The reasons to wait, ordered: first those that a person can remove."""

    NO_WORKER = 0
    """No worker consumes its queue."""
    STUCK = 1
    """Its worker lacks a key that it needs."""
    HELD = 2
    """The outcome of the call is unknown."""
    PUT_OFF = 3
    """It is tried again after a delay."""
    WORKER = 4
    """It waits for a free worker."""
    BEGUN = 5
    """A worker runs it or sends it."""


@dataclass(frozen=True)
class Wait:
    """The reason why a step waits."""

    kind: WaitKind
    """The kind of the reason."""
    text: str
    """The reason in words; it names the step, unless no worker consumes its queue."""

    @property
    def needs_a_person(self) -> bool:
        """True if it goes on only after a person has done something."""
        return self.kind in (WaitKind.NO_WORKER, WaitKind.STUCK)


def waits(
    items: Sequence[OpenItem],
    reasons: Mapping[str, tuple[str, str]],
    consumed: Collection[str],
    now: datetime,
) -> list[Wait]:
    """Return why the steps wait, ordered by WaitKind.

    `reasons`: the status and the text of each item's last event. `consumed`: the queues that workers
    consume.
    """
    found = [_wait(item, *reasons.get(item.item, ("", "")), consumed, now) for item in items]
    return sorted(found, key=lambda wait: wait.kind)


def in_short(found: Sequence[Wait]) -> str:
    """Return the first reason and how many steps have others; empty if nothing waits."""
    if not found:
        return ""
    others = sum(wait.text != found[0].text for wait in found)
    return found[0].text + (f"; and {others:,} more" if others else "")


def no_worker(queue: str) -> str:
    """Return the text for a queue that no worker consumes, with the command that starts one."""
    worker = queue.removeprefix("flows.")
    return f"no worker consumes {worker}: start one with `stripe-flows worker {worker}`"


def held_words(item: OpenItem, now: datetime) -> str:
    """Return what happens to a held call if nobody does anything."""
    if item.state == "held":
        return "not sent again; a person must decide"
    when = _in(item.due, now) if item.due and item.state == "put_off" else "now"
    return f"asked again with the same key {when}; do not charge by hand"


def put_off_words(item: OpenItem, now: datetime) -> str:
    """Return when a step that was put off is done again."""
    verb = "asked" if item.kind == "call" else "run"
    return f"{verb} again {_in(item.due, now)}" if item.due else f"{verb} again"


def _wait(
    item: OpenItem, status: str, reason: str, consumed: Collection[str], now: datetime
) -> Wait:
    name = item.name if item.kind == "call" else f"flows/{item.name}.py"
    if item.held:
        return Wait(WaitKind.HELD, f"{name} is held: {held_words(item, now)}")
    if item.state == "put_off":
        if status == "stuck":
            return Wait(WaitKind.STUCK, f"{item.name} is put off: {one_line(reason)}")
        why = f" ({one_line(reason)})" if reason else ""
        return Wait(WaitKind.PUT_OFF, f"{name} is {put_off_words(item, now)}{why}")
    if item.state == "begun":
        return Wait(
            WaitKind.BEGUN, f"{name} is {'being sent' if item.kind == 'call' else 'running'}"
        )
    if item.queue not in consumed:
        return Wait(WaitKind.NO_WORKER, no_worker(item.queue))
    worker = item.queue.removeprefix("flows.")
    return Wait(WaitKind.WORKER, f"{name} waits for a worker of {worker}")


def _in(due: datetime, now: datetime) -> str:
    seconds = (due - now).total_seconds()
    if seconds < 1:
        return "now"
    if seconds < 90:
        return f"in {seconds:.0f} s"
    if seconds < 5400:
        return f"in {seconds / 60:.0f} min"
    return f"in {seconds / 3600:.1f} h"
