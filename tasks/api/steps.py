"""The steps of a run as a tree: each item with its events, under the item that created it.

Built from the record and the open items alone. Nothing here recurses, because a run may go through
hundreds of pages, one after another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from stripe_flows.engine.details import RequestDetails
from stripe_flows.tasks.events import Created, Event
from stripe_flows.tasks.item import ItemKind
from stripe_flows.tasks.journal.read import OpenItem

Outcome: TypeAlias = Literal[
    "succeeded", "refused", "failed", "held", "unknown", "waiting", "decided", "never begun"
]
"""The outcome of a step. `decided`: a person settled it; `unknown`: an `_unknown` flow ran."""

WRONG: tuple[Outcome, ...] = ("refused", "failed", "held", "unknown")


@dataclass
class Step:
    """An item with its events and the steps that follow from it."""

    item: str
    """The id of the item."""
    kind: ItemKind
    """An execution of a flow, or a call of an operation."""
    name: str
    """The flow or the operation."""
    made_at: str = ""
    """The flow and the line that made a call."""
    events: list[Event] = field(default_factory=list)
    """Its events, oldest first."""
    children: list[Step] = field(default_factory=list)
    """The steps that follow from it."""
    open: OpenItem | None = None
    """Its state while it is not done."""
    wrong: bool = False
    """True if it or a step that follows from it went wrong."""
    well: bool = True
    """True if it and all steps that follow from it succeeded without a warning."""

    @property
    def last(self) -> Event | None:
        """Its last event that is not a person's decision."""
        own = self.attempts
        return own[-1] if own else None

    @property
    def attempts(self) -> list[Event]:
        """The events of its attempts."""
        return [event for event in self.events if event.kind in ("execution", "call")]

    @property
    def outcome(self) -> Outcome:
        """The outcome so far."""
        if self.open is not None:
            return "held" if self.open.held else "waiting"
        if any(event.kind == "decision" and event.status != "named" for event in self.events):
            return "decided"
        outcomes: Mapping[str, Outcome] = {
            "succeeded": "succeeded",
            "response": "succeeded",
            "error": "refused",
            "refused": "refused",
            "failed": "failed",
            "unknown": "unknown",
        }
        return outcomes.get(self.last.status, "never begun") if self.last else "never begun"

    @property
    def is_stuck(self) -> bool:
        """True if it waits for something that a person has to do."""
        return self.open is not None and self.last is not None and self.last.status == "stuck"

    @property
    def request(self) -> RequestDetails | None:
        """The call's request, if the record has it."""
        return next((e.request for e in reversed(self.events) if e.request is not None), None)


@dataclass(frozen=True)
class Steps:
    """The steps of a run."""

    by_id: Mapping[str, Step]
    """All steps by item_id, in the order in which they were created."""
    roots: Sequence[Step]
    """The steps that follow from no other."""

    def __iter__(self) -> Iterator[Step]:
        return iter(self.by_id.values())


def steps_of(events: Sequence[Event], open_items: Sequence[OpenItem] = ()) -> Steps:
    """Return the steps of a run, from its events and open items."""
    steps: dict[str, Step] = {}
    roots: list[Step] = []
    for event in events:
        if not event.item:
            continue
        step = steps.get(event.item)
        if step is None:
            kind: ItemKind = "call" if event.kind == "call" else "execution"
            step = Step(event.item, kind, event.operation or event.flow or event.item)
            steps[event.item] = step
            parent = steps.get(event.parent or "")
            (parent.children if parent else roots).append(step)
        step.events.append(event)
        for created in event.created:
            if created.item not in steps:
                child = Step(created.item, created.kind, created.name, _made_at(event, created))
                steps[created.item] = child
                step.children.append(child)
    for item in open_items:
        if item.item in steps:
            steps[item.item].open = item
    # A child is created after its parent, so in reverse order its marks come before the parent's.
    for step in reversed(steps.values()):
        own = step.outcome
        step.wrong = own in WRONG or step.is_stuck or any(c.wrong for c in step.children)
        odd = step.last is not None and bool(step.last.warnings)
        step.well = own == "succeeded" and not odd and all(child.well for child in step.children)
    return Steps(steps, roots)


def _made_at(event: Event, created: Created) -> str:
    return f"flows/{event.flow}.py:{created.line}" if created.line and event.flow else ""
