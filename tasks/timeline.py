"""A run as a tree: each step under the one it followed from, with what a person wants to know.

Made from the record and the open items alone, so it shows the same whoever asks. A step's time is
when it began; the record has when it ended and how long it took.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rich.text import Text
from rich.tree import Tree

from stripe_flows.tasks.events import Created, Event
from stripe_flows.tasks.items import ItemKind
from stripe_flows.tasks.journal.read import OpenItem, RunState, Status
from stripe_flows.tasks.printable import one_line, printable

STATUS_STYLES: Mapping[Status, str] = {
    "succeeded": "green",
    "failed": "red",
    "cancelled": "red",
    "held": "yellow",
    "running": "cyan",
}

_MARKS: Mapping[str, tuple[str, str]] = {
    "succeeded": ("✓", "green"),
    "response": ("✓", "green"),
    "failed": ("✗", "red"),
    "error": ("✗", "red"),
    "cancelled": ("✗", "red"),
    "unknown": ("?", "yellow"),
    "held": ("?", "yellow"),
    "put_off": ("…", "cyan"),
    "stuck": ("…", "yellow"),
}
_WAITS = ("·", "cyan")


@dataclass
class _Step:
    """An item, with the events that it had."""

    item: str
    kind: ItemKind
    name: str
    made_at: str = ""
    events: list[Event] = field(default_factory=list)
    children: list[str] = field(default_factory=list)

    @property
    def last(self) -> Event | None:
        """The event that tells how it stands: not what a person decided about it."""
        own = [event for event in self.events if event.kind in ("execution", "call")]
        return own[-1] if own else None


def timeline(
    state: RunState,
    events: Sequence[Event],
    open_items: Sequence[OpenItem] = (),
    stuck: str | None = None,
    *,
    output: bool = False,
) -> Tree:
    """The tree of a run. `stuck`: why it waits (`Run.stuck`); `output`: with the printed lines."""
    steps, roots = _steps(events)
    waiting = {item.item: item for item in open_items}
    view = _View(state, steps, waiting, stuck, output)
    tree = Tree(_head(state), guide_style="dim")
    for root in roots:
        view.hang(tree, root)
    for event in events:
        if event.kind == "cancel":
            tree.add(Text(f"✗ cancelled  {_clock(event.time)}", "red"))
    return tree


@dataclass(frozen=True)
class _View:
    state: RunState
    steps: Mapping[str, _Step]
    waiting: Mapping[str, OpenItem]
    stuck: str | None
    output: bool

    def hang(self, tree: Tree, item: str) -> None:
        step = self.steps[item]
        node = tree.add(self._label(step))
        for child in step.children:
            self.hang(node, child)

    def _label(self, step: _Step) -> Text:
        last, open_item = step.last, self.waiting.get(step.item)
        mark, style = _MARKS.get(last.status, _WAITS) if last else _WAITS
        label = Text.assemble((f"{mark} ", style), (_title(step), "bold"))
        if last is not None:
            if last.seconds is not None:
                began = last.time - timedelta(seconds=last.seconds)
                label.append(f"  {_clock(began)}  {_duration(last.seconds)}")
            if last.http_status is not None:
                label.append(f"  {last.http_status}", style)
        for line in self._lines(step, last, open_item):
            label.append("\n  ")
            label.append_text(line)
        return label

    def _lines(self, step: _Step, last: Event | None, open_item: OpenItem | None) -> Iterator[Text]:
        if last is not None and (last.object_id or last.request_id):
            ids = ((last.object_id, "cyan"), (last.request_id, "dim"))
            yield Text("  ").join(Text(one_line(text), style) for text, style in ids if text)
        yield _facts(step, last)
        if last is not None and last.error:
            yield Text(_reason(last), "yellow" if last.status in ("put_off", "stuck") else "red")
        for event in step.events[:-1]:
            if event.kind in ("execution", "call") and event is not last:
                yield Text(
                    f"attempt {event.attempt}  {_clock(event.time)}  {event.status.replace('_', ' ')}"
                    + (f": {one_line(event.error)}" if event.error else ""),
                    "dim",
                )
        for event in step.events:
            if event.kind == "decision":
                note = f": {one_line(event.error)}" if event.error else ""
                yield Text(f"a person, {_clock(event.time)}  {event.status}{note}", "magenta")
        if self.output and last is not None and last.output:
            for printed in last.output.splitlines():
                yield Text.assemble(("│ ", "dim"), printable(printed))
        if open_item is not None:
            yield from self._open(open_item)
        elif last is None:
            yield Text("never began", "dim")
        elif _failed_the_run(step, last):
            yield Text("to do it again:", "dim")
            yield from self._commands(("retry", "--same"), step.item)

    def _open(self, item: OpenItem) -> Iterator[Text]:
        if item.held:
            yield Text(
                "held: whether Stripe did it is unknown"
                + (f"; asked again at {_clock(item.due)}" if item.due else ""),
                "bold yellow",
            )
            yield Text("when you know, or want to try again:", "dim")
            yield from self._commands(("resolve", "--response OBJECT"), item.item)
            yield from self._commands(("resolve", "--error"), item.item)
            yield from self._commands(("retry", "--same"), item.item)
            yield from self._commands(("retry", "--new-key"), item.item)
        elif item.state == "put_off":
            when = f" at {_clock(item.due)}" if item.due else ""
            yield Text(f"put off: again{when}", "cyan")
        elif item.state == "begun":
            until = f"; taken over at {_clock(item.due)} if that worker is gone" if item.due else ""
            yield Text(f"a worker is at it{until}", "cyan")
        else:
            worker = item.queue.removeprefix("flows.")
            yield Text(f"waits for a worker of {worker}", "cyan")
            if self.stuck:
                yield Text(one_line(self.stuck), "bold yellow")

    def _commands(self, command: tuple[str, str], item: str) -> Iterator[Text]:
        verb, option = command
        yield Text(f"  stripe-flows {verb} {item} {option} --run {self.state.run_id}")


def _steps(events: Sequence[Event]) -> tuple[dict[str, _Step], list[str]]:
    """The items by id, in the order of their making, and those that hang under nothing."""
    steps: dict[str, _Step] = {}
    roots: list[str] = []
    for event in events:
        if not event.item:
            continue
        step = steps.get(event.item)
        if step is None:
            kind: ItemKind = "call" if event.kind == "call" else "execution"
            step = _Step(event.item, kind, event.operation or event.flow or event.item)
            steps[event.item] = step
            parent = steps.get(event.parent or "")
            (parent.children if parent else roots).append(event.item)
        step.events.append(event)
        for created in event.created:
            if created.item not in steps:
                made_at = _made_at(event, created)
                steps[created.item] = _Step(created.item, created.kind, created.name, made_at)
                step.children.append(created.item)
    return steps, roots


def _made_at(event: Event, created: Created) -> str:
    return f"flows/{event.flow}.py:{created.line}" if created.line and event.flow else ""


def _head(state: RunState) -> Text:
    took = f" in {_duration((state.ended - state.started).total_seconds())}" if state.ended else ""
    meta = state.meta
    calls = f"{state.calls} call" + ("" if state.calls == 1 else "s")
    return Text.assemble(
        (state.run_id, "bold"),
        "  ",
        (f"{state.status}{took}", f"bold {STATUS_STYLES[state.status]}"),
        (
            f"\nflow {meta.flow}  worker {meta.worker_id}  context {one_line(meta.context_id)}"
            f"\n{calls}  started {state.started:%Y-%m-%d} {_clock(state.started)} UTC",
            "dim",
        ),
    )


def _title(step: _Step) -> str:
    return f"flows/{step.name}.py" if step.kind == "execution" else step.name


def _facts(step: _Step, last: Event | None) -> Text:
    parts = [f"{'call' if step.kind == 'call' else 'step'} {step.item}"]
    if step.made_at:
        parts.append(step.made_at)
    if last is not None and last.attempt > 1:
        parts.append(f"{last.attempt} attempts")
    return Text("  ".join(parts), "dim")


def _reason(event: Event) -> str:
    """The event's error, without what its step shows beside it."""
    text = event.error or ""
    for shown in (f" http_status={event.http_status}", f" request_id={event.request_id}"):
        text = text.replace(shown, "")
    return one_line(text)


def _failed_the_run(step: _Step, last: Event | None) -> bool:
    """Whether nothing handled its failure, and nobody has tried it again yet."""
    return last is not None and last.status in ("failed", "error") and not step.children


def _clock(time: datetime) -> str:
    return f"{time:%H:%M:%S}.{time.microsecond // 1000:03d}"


def _duration(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.1f} ms"
    if seconds < 120:
        return f"{seconds:.2f} s"
    return str(timedelta(seconds=round(seconds)))
