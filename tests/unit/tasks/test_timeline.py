"""The timeline: what a person reads about a run."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Console

from stripe_flows.tasks.events import Created, Event
from stripe_flows.tasks.journal.read import OpenItem, RunState, Status
from stripe_flows.tasks.started_as import RunMeta
from stripe_flows.tasks.timeline import timeline

START = datetime(2026, 11, 24, 15, 40, 31, 0, UTC)
ROOT, CALL, ANSWER = "r" * 26, "c" * 26, "a" * 26


def state(status: Status = "succeeded", **more: Any) -> RunState:
    given: dict[str, Any] = {
        "run_id": "order-7",
        "meta": RunMeta(flow="main", worker_id="worker-1", context_id="context-123", input=""),
        "status": status,
        "started": START,
        "ended": START + timedelta(seconds=1.5) if status != "running" else None,
        "open": 0,
        "held": 0,
        "calls": 1,
        "flow_set": "",
    }
    return RunState(**(given | more))


def event(kind: str, status: str, item: str, at: float, **more: Any) -> Event:
    fields = {"kind": kind, "status": status, "item": item, **more}
    return Event.model_validate(fields | {"time": START + timedelta(seconds=at)})


def started() -> Event:
    return event("start", "started", ROOT, 0, flow="main")


def called(**more: Any) -> Event:
    made = Created(item=CALL, kind="call", name="create_payment_intent", line=10)
    given = {"flow": "main", "attempt": 1, "seconds": 0.002, "created": (made,)}
    return event("execution", "succeeded", ROOT, 0.012, **(given | more))


def answered(status: str, at: float = 0.5, **more: Any) -> Event:
    given = {
        "parent": ROOT,
        "flow": "main",
        "operation": "create_payment_intent",
        "attempt": 1,
        "seconds": 0.1,
    }
    return event("call", status, CALL, at, **(given | more))


def open_item(**more: Any) -> OpenItem:
    given: dict[str, Any] = {
        "item": CALL,
        "kind": "call",
        "name": "create_payment_intent",
        "state": "published",
        "held": False,
        "attempts": 1,
        "queue": "flows.worker-1",
        "due": None,
    }
    return OpenItem(**(given | more))


def lines(*args: Any, **more: Any) -> list[str]:
    """The timeline as it stands in a pipe."""
    file = io.StringIO()
    Console(file=file, width=300, highlight=False).print(timeline(*args, **more))
    return [line.rstrip() for line in file.getvalue().splitlines()]


def test_each_step_stands_under_the_one_it_followed_from_with_when_and_how_long() -> None:
    follows = Created(item=ANSWER, kind="execution", name="new_create_payment_intent_response")
    events = [
        started(),
        called(),
        answered(
            "response",
            http_status=200,
            object_id="pi_123",
            request_id="req_9",
            created=(follows,),
        ),
        event("execution", "succeeded", ANSWER, 0.6, flow=follows.name, parent=CALL, seconds=0.003),
    ]

    assert lines(state(), events) == [
        "order-7  succeeded in 1.50 s",
        "flow main  worker worker-1  context context-123",
        "1 call  started 2026-11-24 15:40:31.000 UTC",
        "└── ✓ flows/main.py  15:40:31.010  2.0 ms",
        f"      step {ROOT}",
        "    └── ✓ create_payment_intent  15:40:31.400  100.0 ms  200",
        "          pi_123  req_9",
        f"          call {CALL}  flows/main.py:10",
        "        └── ✓ flows/new_create_payment_intent_response.py  15:40:31.597  3.0 ms",
        f"              step {ANSWER}",
    ]


def test_earlier_attempts_are_told_with_their_reasons() -> None:
    events = [
        started(),
        called(),
        answered("put_off", at=0.3, error="timeout: no answer in 2 s"),
        answered("response", attempt=2, object_id="pi_123", http_status=200),
    ]
    shown = lines(state(), events)
    assert any("2 attempts" in line for line in shown)
    assert "          attempt 1  15:40:31.300  put off: timeout: no answer in 2 s" in shown


def test_a_failed_script_shows_flow_and_line_and_how_to_do_it_again() -> None:
    failed = event(
        "execution", "failed", ROOT, 0.2, flow="main", error="flows/main.py:3: ValueError: no"
    )
    shown = lines(state("failed"), [started(), failed])
    assert "order-7  failed in 1.50 s" in shown
    assert "      flows/main.py:3: ValueError: no" in shown
    assert f"        stripe-flows retry {ROOT} --same --run order-7" in shown


def test_an_error_that_a_flow_handled_offers_no_retry() -> None:
    handles = Created(item=ANSWER, kind="execution", name="new_create_payment_intent_error")
    refused = answered("error", http_status=402, error="card_error", created=(handles,))
    assert not any("retry" in line for line in lines(state(), [started(), called(), refused]))


def test_the_status_and_the_request_id_are_not_told_twice() -> None:
    refused = answered(
        "error",
        http_status=402,
        request_id="req_9",
        error="card_error code=card_declined http_status=402 request_id=req_9",
    )
    shown = lines(state("failed"), [started(), called(), refused])
    assert "          card_error code=card_declined" in shown


def test_a_held_call_shows_the_commands_that_settle_it() -> None:
    held = answered("held", error="timeout")
    due = START + timedelta(minutes=5)
    item = open_item(state="put_off", held=True, due=due)
    shown = lines(state("held", open=1, held=1), [started(), called(), held], [item])
    assert "          held: whether Stripe did it is unknown; asked again at 15:45:31.000" in shown
    commands = [line.strip() for line in shown if "stripe-flows" in line]
    assert commands == [
        f"stripe-flows resolve {CALL} --response OBJECT --run order-7",
        f"stripe-flows resolve {CALL} --error --run order-7",
        f"stripe-flows retry {CALL} --same --run order-7",
        f"stripe-flows retry {CALL} --new-key --run order-7",
    ]


def test_an_open_step_says_what_it_waits_for() -> None:
    events = [started(), called()]
    running = state("running", open=1)
    due = START + timedelta(seconds=9)

    waits = lines(running, events, [open_item()], "no worker consumes worker-1: celery …")
    assert "          waits for a worker of worker-1" in waits
    assert "          no worker consumes worker-1: celery …" in waits

    put_off = lines(running, events, [open_item(state="put_off", due=due)])
    assert "          put off: again at 15:40:40.000" in put_off

    begun = lines(running, events, [open_item(state="begun", due=due)])
    assert any("a worker is at it; taken over at 15:40:40.000" in line for line in begun)


def test_a_decision_of_a_person_and_what_followed_from_it_are_shown() -> None:
    again = Created(item=ANSWER, kind="call", name="create_payment_intent")
    events = [
        started(),
        called(),
        answered("held", error="timeout"),
        event("decision", "retried", CALL, 60, error="with the same key", created=(again,)),
        event("call", "response", ANSWER, 61, operation="create_payment_intent", parent=CALL),
    ]
    shown = lines(state(), events)
    assert "          a person, 15:41:31.000  retried: with the same key" in shown
    assert "        └── ✓ create_payment_intent" in shown
    assert not any("held" in line for line in shown), "it is settled"


def test_a_cancelled_run_says_so() -> None:
    events = [started(), event("cancel", "cancelled", "", 1)]
    shown = lines(state("cancelled"), events)
    assert shown[-1] == "└── ✗ cancelled  15:40:32.000"
    assert "│     never began" in shown


def test_what_scripts_printed_is_shown_when_asked_for() -> None:
    printed = called(output="one\ntwo [bold]\n")
    assert not any("one" in line for line in lines(state(), [started(), printed]))
    shown = lines(state(), [started(), printed], output=True)
    assert "      │ one" in shown
    assert "      │ two [bold]" in shown, "a script's text is no markup"


def test_nothing_that_a_script_or_stripe_says_steers_the_terminal() -> None:
    nasty = "\x1b]0;owned\x07\u202e"
    events = [started(), called(output=nasty, error=nasty)]
    meta = RunMeta(flow="main", worker_id="w", context_id=nasty, input="")
    shown = "\n".join(lines(state(meta=meta), events, output=True))
    assert not set("\x1b\x07\u202e") & set(shown)
    assert shown.count(r"\x1b]0;owned\x07\u202e") == 3


def test_the_longest_line_of_a_usual_step_fits_80_columns() -> None:
    events = [
        started(),
        called(),
        answered("response", http_status=200, object_id="pi_" + "1" * 24, request_id="req_123456"),
    ]
    assert max(map(len, lines(state(), events))) <= 80
