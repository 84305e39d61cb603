"""Show a run to people: a summary, and each step under the step that created it.

Built from the record and the open items alone. The time of a step is its beginning; the record has
its end and its duration. A chain of single steps stays in its column and only a fork is indented, so
that a long chain does not run off to the right.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.text import Text

from stripe_flows.engine.details import AnswerDetails, RequestDetails
from stripe_flows.engine.stripe.amount_text import amount_text
from stripe_flows.engine.types import JSONValue
from stripe_flows.tasks.api.money import answer_amount, moved
from stripe_flows.tasks.api.steps import Outcome, Step, Steps, steps_of
from stripe_flows.tasks.api.waiting import held_words, in_short, put_off_words, waits
from stripe_flows.tasks.events import Event
from stripe_flows.tasks.journal.read import OpenItem, RunState, RunStatus
from stripe_flows.tasks.printable import one_line, printable

STATUS_STYLES: Mapping[RunStatus, str] = {
    "succeeded": "green",
    "failed": "red",
    "cancelled": "red",
    "held": "yellow",
    "running": "cyan",
}

MOST_WELL = 8
"""Limit of the successful siblings that are shown one by one."""

_MARKS: Mapping[str, tuple[str, str]] = {
    "succeeded": ("✓", "green"),
    "response": ("✓", "green"),
    "failed": ("✗", "red"),
    "error": ("✗", "red"),
    "cancelled": ("✗", "red"),
    "unknown": ("?", "yellow"),
    "refused": ("✗", "yellow"),
    "held": ("?", "yellow"),
    "put_off": ("…", "cyan"),
    "stuck": ("…", "yellow"),
}
_WAITS = ("·", "cyan")
_OUTCOMES: Sequence[Outcome] = (
    "succeeded",
    "refused",
    "failed",
    "held",
    "unknown",
    "decided",
    "waiting",
    "never begun",
)
_FEW_ATTEMPTS = 5
_DEEPEST = 36
"""Limit of the columns that forks are indented by."""


@dataclass(frozen=True)
class View:
    """The parts of a run that are shown."""

    output: bool = False
    """The lines that scripts printed."""
    everything: bool = False
    """Each step, also of many siblings that succeeded."""
    failed: bool = False
    """Only the steps that went wrong, and the steps that led to them."""
    request: bool = False
    """The requests and the answers."""
    requests: Mapping[str, RequestDetails] | None = None
    """The requests of open calls by call_id, which the record may not have yet."""


@dataclass(frozen=True)
class _Fold:
    """Siblings that all succeeded, in one line."""

    name: str
    count: int
    more: bool


_Row: TypeAlias = Step | _Fold
_Line: TypeAlias = tuple[str, str, Text]
"""The indentation of a line, that of its continuation lines, and the line."""


class Timeline:
    """A run as lines, which only a terminal breaks, at its width."""

    def __init__(self, lines: Sequence[_Line]) -> None:
        self._lines = lines

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines for a console."""
        for head, rest, text in self._lines:
            if not console.is_terminal:
                yield Segment(f"{head}{text.plain}".rstrip())
                yield Segment.line()
                continue
            width = max(options.max_width - len(rest), 20)
            if text.no_wrap:  # a command that is to be copied
                yield Text.assemble((head, "dim"), text, no_wrap=True, overflow="ignore")
                continue
            for number, piece in enumerate(text.wrap(console, width)):
                yield Text(rest if number else head, "dim", end="")
                piece.rstrip()
                yield piece


def timeline(
    state: RunState,
    events: Sequence[Event],
    open_items: Sequence[OpenItem] = (),
    stuck: str | None = None,
    *,
    view: View | None = None,
    now: datetime | None = None,
) -> Timeline:
    """Return the lines of a run. `stuck`: why it waits for a person (`Run.stuck`)."""
    steps = steps_of(events, open_items)
    step_lines = _StepLines(state, view or View(), stuck, now or datetime.now(UTC))
    lines = [("", "", line) for line in _summary(state, events, steps, step_lines)]
    lines += step_lines.tree(steps.roots)
    lines += [
        ("", "", Text(f"✗ cancelled  {_clock(event.time)}", "red"))
        for event in events
        if event.kind == "cancel"
    ]
    return Timeline(lines)


def _summary(
    state: RunState, events: Sequence[Event], steps: Steps, step_lines: _StepLines
) -> Iterator[Text]:
    took = f" in {_duration((state.ended - state.started).total_seconds())}" if state.ended else ""
    meta = state.meta
    yield Text.assemble(
        (state.run_id, "bold"),
        "  ",
        (f"{state.status}{took}", f"bold {STATUS_STYLES[state.status]}"),
    )
    yield Text(
        f"flow {meta.flow}  worker {meta.worker_id}  context {one_line(meta.context_id)}", "dim"
    )
    calls = f"{state.calls:,} call" + ("" if state.calls == 1 else "s")
    # Retrievals of objects that a person named are not calls of the run's scripts.
    compared = {
        made.item
        for event in events
        if event.kind == "decision" and event.status == "named"
        for made in event.created
    }
    counts = Counter(
        step.outcome for step in steps if step.kind == "call" and step.item not in compared
    )
    said = [f"{counts[outcome]:,} {outcome}" for outcome in _OUTCOMES if counts[outcome]]
    yield Text(
        f"{calls}{': ' if said else ''}{', '.join(said)}  "
        f"started {state.started:%Y-%m-%d} {_clock(state.started)} UTC",
        "dim",
    )
    money = moved(steps)
    if money:
        sums = (
            f"{'not known whether charged' if kind == 'unknown' else kind} "
            + " and ".join(amount_text(amount, currency) for currency, amount in found.items())
            for kind, found in money.items()
        )
        yield Text(", ".join(sums), "bold")
    if step_lines.view.request:
        start = next((event for event in events if event.params is not None), None)
        if start is not None and start.params is not None:
            yield from _values("params", start.params)
    waiting = [step.open for step in steps if step.open is not None]
    if waiting:
        reasons = {
            step.item: (step.last.status, step.last.error or "")
            for step in steps
            if step.open is not None and step.last is not None
        }
        consumed = {item.queue for item in waiting}  # `stuck` says if one is not
        text = step_lines.stuck or in_short(waits(waiting, reasons, consumed, step_lines.now))
        yield Text(one_line(text), "bold yellow" if step_lines.stuck or state.held else "cyan")
    yield Text("")


@dataclass(frozen=True)
class _StepLines:
    state: RunState
    view: View
    stuck: str | None
    now: datetime

    def tree(self, roots: Sequence[Step]) -> list[_Line]:
        """Return the lines of the steps."""
        lines: list[_Line] = []
        rows = self._rows(roots)
        if not rows and self.view.failed:
            return [("", "", Text("nothing went wrong", "green"))]
        todo: list[tuple[str, str, _Row]] = [("", "", row) for row in reversed(rows)]
        while todo:
            head, rest, row = todo.pop()
            if isinstance(row, _Fold):
                lines.append((head, rest + "  ", _fold_text(row)))
                continue
            below = self._rows(row.children)
            inner = rest + ("│   " if below else "    ")
            first, *others = self._step(row)
            lines.append((head, inner, first))
            lines += [(inner, inner + "  ", line) for line in others]
            todo += reversed(self._placed(rest, below))
        return lines

    def _placed(self, rest: str, rows: Sequence[_Row]) -> list[tuple[str, str, _Row]]:
        """Return the rows with their indentation; a single row stays in the column."""
        if len(rows) == 1 or len(rest) >= _DEEPEST:
            return [(rest, rest, row) for row in rows]
        placed = [(f"{rest}├─ ", f"{rest}│  ", row) for row in rows[:-1]]
        placed += [(f"{rest}└─ ", f"{rest}   ", row) for row in rows[-1:]]
        return placed

    def _rows(self, steps: Sequence[Step]) -> list[_Row]:
        if self.view.failed:
            return [step for step in steps if step.wrong]
        well = [step for step in steps if step.well]
        if self.view.everything or len(well) <= MOST_WELL:
            return list(steps)
        rows: list[_Row] = [step for step in steps if not step.well]
        names = Counter(_title(step) for step in well)
        more = bool(rows)
        return rows + [_Fold(name, count, more) for name, count in names.items()]

    def _step(self, step: Step) -> Iterator[Text]:
        last = step.last
        mark, style = _MARKS.get(last.status, _WAITS) if last else _WAITS
        label = Text.assemble((f"{mark} ", style), (one_line(_title(step)), "bold"))
        if last is not None:
            if last.seconds is not None:
                began = last.time - timedelta(seconds=last.seconds)
                label.append(f"  {_clock(began)}  {_duration(last.seconds)}")
            if last.http_status is not None:
                label.append(f"  {last.http_status}", style)
        yield label
        if last is not None and (last.object_id or last.request_id):
            ids = ((last.object_id, "cyan"), (last.request_id, "dim"))
            yield Text("  ").join(Text(one_line(text), style) for text, style in ids if text)
        yield _facts(step, last)
        if last is not None:
            yield from _reason_lines(last)
        if self.view.request:
            yield from self._request(step)
        yield from self._earlier(step, last)
        for event in step.events:
            if event.kind == "decision":
                note = f": {one_line(event.error)}" if event.error else ""
                yield Text(f"a person, {_clock(event.time)}  {event.status}{note}", "magenta")
        if self.view.output and last is not None and last.output:
            for printed in last.output.splitlines():
                yield Text.assemble(("│ ", "dim"), printable(printed))
        elif last is not None:
            for warning in last.warnings:
                yield Text(f"warning: {one_line(warning)}", "yellow")
        if step.open is not None:
            yield from self._open(step.open)
        elif last is None:
            yield Text("never began", "dim")
        elif last.status in ("failed", "error") and not step.children:
            yield Text("to try it again:", "dim")
            yield from self._commands(("retry", "--same"), step.item)

    def _earlier(self, step: Step, last: Event | None) -> Iterator[Text]:
        earlier = [event for event in step.attempts if event is not last]
        left_out = len(earlier) - _FEW_ATTEMPTS
        if left_out > 0 and not self.view.everything:
            earlier = earlier[left_out:]
            yield Text(f"{left_out} earlier attempts (--all shows them)", "dim")
        for event in earlier:
            said = event.answer.message if event.answer and event.http_status else None
            yield Text(
                f"attempt {event.attempt}  {_clock(event.time)}  {event.status.replace('_', ' ')}"
                + (f": {one_line(event.error)}" if event.error else "")
                + (f": {one_line(said)}" if said else ""),
                "dim",
            )

    def _request(self, step: Step) -> Iterator[Text]:
        if step.kind != "call":
            return
        request = step.request or (self.view.requests or {}).get(step.item)
        if request is None:
            yield Text("the request is not kept", "dim")
            return
        line = f"{request.method} {one_line(request.path)}"
        if request.stripe_account:
            line += f"  account {one_line(request.stripe_account)}"
        if request.idempotency_key:
            line += f"  idempotency key {one_line(request.idempotency_key)}"
        yield Text(line)
        yield from _values("", request.parameters)
        if request.cut:
            yield Text("(cut: only a part of it is kept)", "dim")
        answer = step.last.answer if step.last else None
        if answer is not None:
            left_out = {"message"} if answer.amounts else {"message", "amounts"}
            fields = answer.model_dump(exclude_none=True, exclude=left_out)
            yield Text("answer:", "dim")
            yield from _values("", fields)

    def _open(self, item: OpenItem) -> Iterator[Text]:
        if item.held:
            yield Text(
                f"held: whether Stripe did it is unknown; {held_words(item, self.now)}",
                "bold yellow",
            )
            yield Text("when you know, or want to try again:", "dim")
            yield from self._commands(("resolve", "--response OBJECT"), item.item)
            yield from self._commands(("resolve", "--error"), item.item)
            yield from self._commands(("retry", "--same"), item.item)
            yield from self._commands(("retry", "--new-key"), item.item)
        elif item.state == "put_off":
            when = f", at {_clock(item.due)}" if item.due else ""
            yield Text(f"put off: {put_off_words(item, self.now)}{when}", "cyan")
        elif item.state == "begun":
            until = f"; taken over at {_clock(item.due)} if that worker is gone" if item.due else ""
            yield Text(f"a worker has begun it{until}", "cyan")
        else:
            worker = item.queue.removeprefix("flows.")
            yield Text(f"waits for a worker of {worker}", "cyan")

    def _commands(self, command: tuple[str, str], item: str) -> Iterator[Text]:
        verb, option = command
        yield Text(f"  stripe-flows {verb} {item} {option} --run {self.state.run_id}", no_wrap=True)


def _fold_text(fold: _Fold) -> Text:
    count = f"{fold.count:,} more" if fold.more else f"{fold.count:,}"
    return Text(f"… {count} {one_line(fold.name)}, all succeeded (--all shows them)", "green")


def _title(step: Step) -> str:
    return f"flows/{step.name}.py" if step.kind == "execution" else step.name


def _facts(step: Step, last: Event | None) -> Text:
    parts = [f"{'call' if step.kind == 'call' else 'step'} {step.item}"]
    if step.made_at:
        parts.append(step.made_at)
    if last is not None and last.attempt > 1:
        parts.append(f"{last.attempt} attempts")
    return Text("  ".join(parts), "dim")


def _reason_lines(event: Event) -> Iterator[Text]:
    """Yield the reason, Stripe's message, the status and the amount."""
    style = "yellow" if event.status in ("put_off", "stuck") else "red"
    if event.error:
        yield Text(_reason(event), style)
    answer = event.answer
    if answer is None:
        return
    if answer.message:
        yield Text(one_line(answer.message), style)
        if answer.advice_code and event.status in ("error", "held"):
            yield Text(f"Stripe's advice: {one_line(answer.advice_code)}", style)
    shown = [_standing(answer), answer_amount(answer)]
    if any(shown):
        yield Text("  ".join(one_line(text) for text in shown if text))


def _standing(answer: AnswerDetails) -> str | None:
    """Return the status of the object, and of its payment if that has one of its own."""
    return ", ".join(text for text in (answer.status, answer.payment_status) if text) or None


def _reason(event: Event) -> str:
    """Return the event's error, without the parts that its step shows already."""
    text = event.error or ""
    for shown in (f" http_status={event.http_status}", f" request_id={event.request_id}"):
        text = text.replace(shown, "")
    return one_line(text)


def _values(path: str, value: JSONValue) -> Iterator[Text]:
    """Yield a line for each value, with its dotted path, as Stripe's pages name it."""
    if isinstance(value, dict) and value:
        for name, member in value.items():
            yield from _values(f"{path}.{name}" if path else name, member)
    elif isinstance(value, list) and value:
        for index, member in enumerate(value):
            yield from _values(f"{path}[{index}]", member)
    else:
        text = value if isinstance(value, str) and value else json.dumps(value)
        yield Text.assemble((f"  {one_line(path)}", "dim"), f" {one_line(text)}")


def _clock(time: datetime) -> str:
    return f"{time:%H:%M:%S}.{time.microsecond // 1000:03d}"


def _duration(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.1f} ms"
    if seconds < 120:
        return f"{seconds:.2f} s"
    return str(timedelta(seconds=round(seconds)))
