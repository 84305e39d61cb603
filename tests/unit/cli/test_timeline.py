"""The timeline: what a person reads about a run."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Console

from stripe_flows.cli.timeline import Timeline, View, timeline
from stripe_flows.tasks.events import Created, Event
from stripe_flows.tasks.input_digests import RunMeta
from stripe_flows.tasks.journal.read import OpenItem, RunState, RunStatus

START = datetime(2026, 11, 24, 15, 40, 31, 0, UTC)
ROOT, CALL, ANSWER = "r" * 26, "c" * 26, "a" * 26


def state(status: RunStatus = "succeeded", **more: Any) -> RunState:
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
    """The timeline as it stands in a pipe. What is no argument of it is of its view."""
    given = {"now": more.pop("now", START + timedelta(seconds=1))}
    return printed(timeline(*args, **given, view=View(**more)), width=30)


def on_a_terminal(width: int, *args: Any, **more: Any) -> list[str]:
    """The timeline as it stands on a terminal of that width."""
    return printed(timeline(*args, now=START, view=View(**more)), width=width, force_terminal=True)


def printed(shown: Timeline, **console: Any) -> list[str]:
    file = io.StringIO()
    options = {"highlight": False, "color_system": None, "height": 50} | console
    Console(file=file, **options).print(shown, crop=False)
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
        "1 call: 1 succeeded  started 2026-11-24 15:40:31.000 UTC",
        "",
        "✓ flows/main.py  15:40:31.010  2.0 ms",
        f"│   step {ROOT}",
        "✓ create_payment_intent  15:40:31.400  100.0 ms  200",
        "│   pi_123  req_9",
        f"│   call {CALL}  flows/main.py:10",
        "✓ flows/new_create_payment_intent_response.py  15:40:31.597  3.0 ms",
        f"    step {ANSWER}",
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
    assert "    attempt 1  15:40:31.300  put off: timeout: no answer in 2 s" in shown


def test_a_failed_script_shows_flow_and_line_and_how_to_do_it_again() -> None:
    failed = event(
        "execution", "failed", ROOT, 0.2, flow="main", error="flows/main.py:3: ValueError: no"
    )
    shown = lines(state("failed"), [started(), failed])
    assert "order-7  failed in 1.50 s" in shown
    assert "    flows/main.py:3: ValueError: no" in shown
    assert f"      stripe-flows retry {ROOT} --same --run order-7" in shown


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
    assert "    card_error code=card_declined" in shown


def test_a_held_call_shows_the_commands_that_settle_it() -> None:
    held = answered("held", error="timeout")
    due = START + timedelta(minutes=5)
    item = open_item(state="put_off", held=True, due=due)
    shown = lines(state("held", open=1, held=1), [started(), called(), held], [item])
    asked = "asked again with the same key in 5 min; do not charge by hand"
    assert f"    held: whether Stripe did it is unknown; {asked}" in shown
    assert f"create_payment_intent is held: {asked}" in shown[:5], "the summary says so too"
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

    waits = lines(running, events, [open_item()], "no worker consumes worker-1: start …")
    assert "    waits for a worker of worker-1" in waits
    assert "no worker consumes worker-1: start …" in waits[:5]

    put_off = lines(running, events, [open_item(state="put_off", due=due)])
    assert "    put off: asked again in 8 s, at 15:40:40.000" in put_off

    begun = lines(running, events, [open_item(state="begun", due=due)])
    assert any("a worker has begun it; taken over at 15:40:40.000" in line for line in begun)


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
    assert "│   a person, 15:41:31.000  retried: with the same key" in shown
    assert "✓ create_payment_intent" in shown
    assert not any("held" in line for line in shown), "it is settled"


def test_what_a_person_named_is_not_counted_among_the_calls_of_the_run() -> None:
    look = Created(item=ANSWER, kind="call", name="retrieve_payment_intent")
    events = [
        started(),
        called(),
        answered("held", error="timeout"),
        event("decision", "named", CALL, 60, error="pi_2", created=(look,)),
        event("call", "refused", ANSWER, 61, operation="retrieve_payment_intent", parent=CALL),
    ]
    shown = lines(state("held"), events, [open_item(held=True)])
    assert "1 call: 1 held  started 2026-11-24 15:40:31.000 UTC" in shown


def test_a_cancelled_run_says_so() -> None:
    events = [started(), event("cancel", "cancelled", "", 1)]
    shown = lines(state("cancelled"), events)
    assert shown[-1] == "✗ cancelled  15:40:32.000"
    assert "    never began" in shown


def test_what_scripts_printed_is_shown_when_asked_for() -> None:
    printed = called(output="one\ntwo [bold]\n")
    assert not any("one" in line for line in lines(state(), [started(), printed]))
    shown = lines(state(), [started(), printed], output=True)
    assert "│   │ one" in shown
    assert "│   │ two [bold]" in shown, "a script's text is no markup"


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


def test_a_call_that_nobody_asks_for_any_more_says_that_a_person_must_decide() -> None:
    item = open_item(state="held", held=True)
    shown = lines(state("held", open=1, held=1), [started(), called(), answered("held")], [item])
    assert "not sent again; a person must decide" in shown[3]


def siblings(count: int, *, bad: int = 0, at: int = 1) -> list[Event]:
    """A script that made many calls, and how they ended: the first `bad` were declined."""
    made = [
        Created(item=f"c{number:025}", kind="call", name="create_payment_intent", line=at)
        for number in range(count)
    ]
    ends = [
        event(
            "call",
            "error" if number < bad else "response",
            one.item,
            1,
            parent=ROOT,
            operation=one.name,
            seconds=0.1,
            http_status=402 if number < bad else 200,
            answer={"message": f"Your card no. {number} was declined."} if number < bad else None,
        )
        for number, one in enumerate(made)
    ]
    return [started(), called(created=tuple(made)), *ends]


def test_many_siblings_that_went_well_are_one_line() -> None:
    shown = lines(state(calls=744), siblings(744))
    assert "744 calls: 744 succeeded" in shown[2]
    assert shown[-1] == "… 744 create_payment_intent, all succeeded (--all shows them)"
    assert len(shown) < 10


def test_those_that_went_wrong_are_shown_all_the_same() -> None:
    shown = lines(state(calls=200), siblings(200, bad=5))
    assert sum("✗ create_payment_intent" in line for line in shown) == 5
    assert "│      Your card no. 3 was declined." in shown
    assert shown[-1] == "└─ … 195 more create_payment_intent, all succeeded (--all shows them)"


def test_a_few_siblings_are_shown_one_by_one() -> None:
    shown = lines(state(calls=8), siblings(8))
    assert sum("✓ create_payment_intent" in line for line in shown) == 8
    assert [line[:2] for line in shown if "✓ create_" in line] == ["├─"] * 7 + ["└─"]


def test_all_shows_each_of_them() -> None:
    shown = lines(state(calls=200), siblings(200), everything=True)
    assert sum("✓ create_payment_intent" in line for line in shown) == 200


def test_failed_shows_what_went_wrong_and_the_way_to_it() -> None:
    shown = lines(state(calls=200), siblings(200, bad=2), failed=True)
    marks = [line.lstrip("├└─ ")[:2] for line in shown if "create_payment_intent" in line]
    assert marks == ["✗ ", "✗ "]
    assert any("flows/main.py" in line for line in shown)
    assert lines(state(), siblings(3), failed=True)[-1] == "nothing went wrong"


def chain(count: int) -> list[Event]:
    """Calls after one another, each made by the flow that continues the one before."""
    events, flow = [started()], ROOT
    for number in range(count):
        call, follows = f"c{number:025}", f"e{number:025}"
        made = Created(item=call, kind="call", name="create_payment_intent", line=1)
        then = Created(item=follows, kind="execution", name="again")
        events += [
            event(
                "execution", "succeeded", flow, number, flow="again", seconds=0.1, created=(made,)
            ),
            event("call", "response", call, number, parent=flow, seconds=0.1, created=(then,)),
        ]
        flow = follows
    return events


def test_a_long_chain_stays_in_its_column() -> None:
    shown = lines(state(calls=50), chain(50))
    assert sum("✓ create_payment_intent" in line for line in shown) == 50
    assert max(map(len, shown)) <= 80


def test_a_chain_of_two_thousand_steps_can_be_shown() -> None:
    assert sum("✓" in line for line in lines(state(calls=1000), chain(1000))) == 2000


def test_forks_in_forks_indent_only_so_far() -> None:
    events, parent = [started()], ROOT
    for number in range(60):
        made = [
            Created(item=f"{side}{number:025}", kind="execution", name="again") for side in "ab"
        ]
        done = {"flow": "again", "seconds": 0.1, "created": tuple(made)}
        events.append(event("execution", "succeeded", parent, number, **done))
        parent = made[0].item
    shown = lines(state(), events)
    assert sum("flows/again.py" in line for line in shown) == 120
    assert max(map(len, shown)) <= 100


def test_a_terminals_width_is_kept_and_commands_can_be_copied_whole() -> None:
    held = answered("held", error="one two three " * 20)
    item = open_item(state="held", held=True)
    args = (state("held", open=1, held=1), [started(), called(), held], [item])
    shown = on_a_terminal(50, *args)
    commands = [line for line in shown if "stripe-flows" in line]
    assert f"      stripe-flows resolve {CALL} --response OBJECT --run order-7" in commands
    assert max(len(line) for line in shown if line not in commands) <= 50
    assert "      one two three one two three" in "\n".join(shown), "continued lines hang"


def test_where_there_is_no_terminal_nothing_is_cut_or_broken() -> None:
    long = "x" * 5000
    shown = lines(state(), [started(), called(output=f"{long}\n")], output=True)
    assert f"│   │ {long}" in shown


def test_the_summary_says_what_was_charged_given_back_refused_and_is_not_known() -> None:
    asked = {"method": "POST", "path": "/v1/payment_intents"}
    made = {"status": "succeeded", "object": "payment_intent", "currency": "usd"}
    facts: list[tuple[str, str, dict[str, Any]]] = [
        (
            "create_payment_intent",
            "response",
            {"object_id": "pi_1", "answer": made | {"amounts": {"amount_received": 4900}}},
        ),
        (
            "retrieve_payment_intent",
            "response",
            {"object_id": "pi_1", "answer": made | {"amounts": {"amount_received": 4900}}},
        ),
        (
            "retrieve_payment_intent",
            "response",
            {"object_id": "pi_of_another", "answer": made | {"amounts": {"amount_received": 1}}},
        ),
        (
            "create_refund",
            "response",
            {
                "object_id": "re_1",
                "answer": {
                    "object": "refund",
                    "status": "succeeded",
                    "currency": "usd",
                    "amounts": {"amount": 900},
                },
            },
        ),
        (
            "create_payment_intent",
            "error",
            {"request": asked | {"parameters": {"amount": 12950, "currency": "EUR"}}},
        ),
        (
            "create_payment_intent",
            "unknown",
            {"request": asked | {"parameters": {"amount": 1500, "currency": "jpy"}}},
        ),
    ]
    items = [f"c{number:025}" for number in range(len(facts))]
    created = tuple(
        Created(item=item, kind="call", name=name)
        for item, (name, _, _) in zip(items, facts, strict=True)
    )
    ends = [
        event("call", status, item, 1, operation=name, parent=ROOT, **more)
        for item, (name, status, more) in zip(items, facts, strict=True)
    ]
    shown = lines(state(calls=6), [started(), called(created=created), *ends])
    assert shown[2].startswith("6 calls: 4 succeeded, 1 refused, 1 unknown  ")
    assert shown[3] == (
        "charged 49.00 USD, refunded 9.00 USD, refused 129.50 EUR, "
        "not known whether charged 1,500 JPY"
    )


def test_stripes_message_is_shown_and_the_request_when_asked_for() -> None:
    refused = answered(
        "error",
        http_status=402,
        error="card_error code=card_declined",
        request={
            "method": "POST",
            "path": "/v1/payment_intents",
            "parameters": {"amount": 2000, "items": [{"price": "price_1"}], "metadata": {}},
            "stripe_account": "acct_1",
            "idempotency_key": "mine",
            "cut": True,
        },
        answer={
            "message": "Your card was declined.\x1b[31m",
            "advice_code": "try_again_later",
            "doc_url": "https://docs.stripe.com/error-codes#card-declined",
        },
    )
    events = [
        event("start", "started", ROOT, 0, flow="main", params={"email": "jenny@example.com"}),
        called(),
        refused,
    ]
    shown = lines(state("failed"), events)
    assert "    Your card was declined.\\x1b[31m" in shown
    assert "    Stripe's advice: try_again_later" in shown
    assert not any("amount" in line or "jenny" in line for line in shown)

    shown = lines(state("failed"), events, request=True)
    assert "  params.email jenny@example.com" in shown
    at = shown.index("    POST /v1/payment_intents  account acct_1  idempotency key mine")
    assert shown[at + 1 : at + 5] == [
        "      amount 2000",
        "      items[0].price price_1",
        "      metadata {}",
        "    (cut: only a part of it is kept)",
    ]
    assert "      doc_url https://docs.stripe.com/error-codes#card-declined" in shown
    assert "      amounts {}" not in shown


def test_a_warning_is_shown_without_the_output_and_is_not_folded() -> None:
    told = "warning: flows/main.py:3: new_refund() was built and not sent: end it with .create_async(…)"
    warned = called(output=f"jenny@example.com\n{told}\nwarning: the script's own\n", created=())
    shown = lines(state(), [started(), warned])
    assert [line.strip() for line in shown if "warning" in line] == [told]
    assert not any("jenny" in line for line in shown)
    shown = lines(state(), [started(), warned], output=True)
    assert sum(told in line for line in shown) == 1
    items = [f"{number:026}" for number in range(9)]
    created = tuple(Created(item=item, kind="execution", name="main") for item in items)
    many = [event("execution", "succeeded", item, 1, flow="main", parent=ROOT) for item in items]
    many[7] = many[7].model_copy(update={"output": told})
    shown = lines(state(), [started(), called(created=created), *many])
    assert sum(told in line for line in shown) == 1


def test_many_attempts_are_cut_to_the_last_few() -> None:
    tries = [answered("put_off", at=0.3, error="timeout", attempt=n) for n in range(1, 31)]
    events = [started(), called(), *tries, answered("response", attempt=31)]
    shown = lines(state(), events)
    assert "    25 earlier attempts (--all shows them)" in shown
    assert sum("attempt " in line for line in shown) == 5
    assert sum("attempt " in line for line in lines(state(), events, everything=True)) == 30
