"""Finding runs: by id, by what Stripe named, by how they stand; and why they wait."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
import redis
from click.testing import Result

from stripe_flows.engine.errors import InputError, RunNotFound
from stripe_flows.engine.stripe.outcomes import Reply
from stripe_flows.tasks.api import find as module
from stripe_flows.tasks.api import services
from stripe_flows.tasks.api.find import (
    Found,
    Wanted,
    find_runs,
    get_run,
    list_runs,
    named_runs,
    wanted_runs,
    why_waiting,
)
from stripe_flows.tasks.api.run import Run
from stripe_flows.tasks.journal.workers import WorkerRow, write_worker
from tests.integration.charging import CHARGE
from tests.integration.house import LOST, House, refusal
from tests.runner import run_cli

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def house(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """A house that the Python API and the command line find."""
    monkeypatch.setattr(services, "process_services", lambda app: house.services)
    house.flows(main=CHARGE, other="print(1)", failing="raise ValueError")
    return house


def answer(house: House, **fields: object) -> None:
    """The next answer of Stripe's."""
    body = {"object": "payment_intent", **fields}
    house.stripe.answers.append(Reply(200, {"Request-Id": "req_Kp3xNq8Tr1"}, json.dumps(body)))


def some_runs(house: House) -> None:
    """One run of each kind, in this order."""
    house.start("failing", run="failed")
    house.play()
    house.stripe.answers.append(refusal(500, "x", idempotent_replayed="true"))
    house.start(run="held")
    house.play()
    answer(house, id="pi_3Sabc123D", customer="cus_T9vKq2mX")
    house.start(run="paid")
    house.play()
    house.start("other", run="other")
    house.play()
    house.start("other", run="waiting")


def ids(found: list[Run]) -> list[str]:
    return [run.id for run in found]


def find(house: House, limit: int = 50, **wanted: object) -> Found:
    return find_runs(house.services.store, Wanted(**wanted), limit)  # type: ignore[arg-type]


def stripe_flows(*args: str) -> Result:
    return run_cli(args)


def test_the_list_for_programs_says_why_a_run_waits_too(house: House) -> None:
    some_runs(house)
    listed = {
        run["run_id"]: run["waits"] for run in json.loads(stripe_flows("list", "--json").stdout)
    }
    assert "is held" in listed["held"]
    assert listed["waiting"]
    assert (listed["paid"], listed["failed"]) == (None, None)


def test_filters_can_be_combined(house: House) -> None:
    some_runs(house)
    assert ids(list_runs()) == ["waiting", "other", "paid", "held", "failed"]
    assert ids(list_runs(running=True)) == ["waiting"]
    assert ids(list_runs(flow="main")) == ["paid", "held"]
    assert ids(list_runs(flow="main", held=True)) == ["held"]
    assert ids(list_runs(flow="main", failed=True)) == []
    assert ids(list_runs(held=True, failed=True)) == []
    assert ids(list_runs(context_id="context-1", failed=True)) == ["failed"]
    assert ids(list_runs(object="pi_3Sabc123D", flow="main", since="1h")) == ["paid"]
    assert ids(list_runs(object="pi_3Sabc123D", context_id="another")) == []
    assert ids(list_runs(limit=2)) == ["waiting", "other"]


def test_since_counts_from_the_start_of_a_run(house: House) -> None:
    some_runs(house)
    assert len(list_runs(since="1h")) == 5
    assert len(list_runs(since=timedelta(hours=1), flow="main")) == 2
    started = get_run("paid").state().started
    assert ids(list_runs(since=started)) == ["waiting", "other", "paid"]
    assert ids(list_runs(since=started, held=True)) == []
    assert list_runs(since=datetime.now(UTC) + timedelta(hours=1)) == []


@pytest.mark.parametrize(
    ("given", "time"),
    [
        ("90s", NOW - timedelta(seconds=90)),
        ("30m", NOW - timedelta(minutes=30)),
        ("2h", NOW - timedelta(hours=2)),
        ("3d", NOW - timedelta(days=3)),
        ("1w", NOW - timedelta(weeks=1)),
        ("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)),
        ("2026-11-23T10:30", datetime(2026, 11, 23, 10, 30, tzinfo=UTC)),
        ("2026-11-23T10:30+02:00", datetime(2026, 11, 23, 8, 30, tzinfo=UTC)),
        (date(2026, 11, 23), datetime(2026, 11, 23, tzinfo=UTC)),
        (datetime(2026, 11, 23, 1), datetime(2026, 11, 23, 1, tzinfo=UTC)),
    ],
)
def test_since_is_an_age_or_a_date(given: module.Since, time: datetime) -> None:
    assert module.since_time(given, NOW) == time


@pytest.mark.parametrize("given", ["", "2", "2x", "yesterday", "999999w", 7])
def test_a_since_that_is_neither_is_refused(given: module.Since) -> None:
    with pytest.raises(InputError, match="since "):
        module.since_time(given, NOW)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"flow": "no flow"}, "is not the name of a flow"),
        ({"object": ""}, "is not the id of a Stripe object"),
        ({"context_id": ""}, "must be 1 to 200 printable characters"),
        ({"since": "soon"}, "since 'soon' is neither an age such as 30m"),
    ],
)
def test_a_filter_that_cannot_be_meant_is_refused(wanted: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        wanted_runs(**wanted)  # type: ignore[arg-type]


def test_reading_is_bounded_and_says_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAGE", 2)
    monkeypatch.setattr(module, "MAX_LOOKED", 4)
    some_runs(house)
    found = find(house, flow="failing")
    assert (list(found.runs), found.looked, found.bounded) == ([], 4, True)
    assert [state.run_id for state in find(house, flow="main").runs] == ["paid", "held"]
    said = stripe_flows("list", "--flow", "failing")
    assert "looked at the newest 4 runs, and not at older ones: narrow the search" in said.stderr


def test_a_filter_that_finds_little_says_how_many_runs_were_looked_at(house: House) -> None:
    some_runs(house)
    found = stripe_flows("list", "--flow", "mian")
    assert found.exit_code == 0
    assert found.stderr == (
        "no runs\nlooked at 5 runs; none is of flow 'mian'; did you mean 'main'?\n"
    )
    assert stripe_flows("list").stderr == ""


def test_show_finds_a_run_by_whatever_stripe_named(house: House) -> None:
    some_runs(house)
    for word in ("paid", "pi_3Sabc123D", "cus_T9vKq2mX", "req_Kp3xNq8Tr1"):
        assert ids(named_runs(word)) == ["paid"]
        assert stripe_flows("show", word).stdout.startswith("paid  succeeded")


def test_show_lists_the_runs_of_a_context_and_says_how_to_choose(house: House) -> None:
    some_runs(house)
    shown = stripe_flows("show", "context-1")
    assert [line.split()[0] for line in shown.stdout.splitlines()[1:]] == [
        "waiting",
        "other",
        "paid",
        "held",
        "failed",
    ]
    assert "5 runs belong to context-1; to see one: stripe-flows show waiting" in shown.stderr
    refused = stripe_flows("show", "context-1", "--json")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "name one of them" in refused.stderr


@pytest.mark.parametrize("word", ["nothing", "pi_3Sunknown1", "two words"])
def test_show_of_what_leads_to_no_run_says_so(house: House, word: str) -> None:
    with pytest.raises(RunNotFound, match="there is no run"):
        named_runs(word)
    assert stripe_flows("show", word).exit_code == 2


def test_list_says_why_a_run_waits(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    some_runs(house)
    no_worker = "no worker consumes default: start one with `stripe-flows worker default`"
    why = why_waiting(house.services.store, find(house).runs)
    assert why == {
        "waiting": no_worker,
        "held": "create_payment_intent is held: not sent again; a person must decide",
    }
    shown = stripe_flows("list").stdout
    assert "not sent again; a person must decide" in shown
    assert no_worker in shown

    row = WorkerRow(name="w", queues=("flows.default",), seal_keys=(), flow_set="", version="")
    write_worker(house.services.store, row)
    why = why_waiting(house.services.store, find(house).runs)
    assert why["waiting"] == "flows/other.py waits for a worker of default"


def test_list_says_until_when_a_call_is_put_off_and_why(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.stripe.answers.append(refusal(503, "x", retry_after="600"))
    house.start(run="later")
    house.drain()
    monkeypatch.delenv("STRIPE_SECRET_KEY")
    house.start(run="stuck")
    house.drain()
    why = why_waiting(house.services.store, find(house).runs)
    assert why == {
        "later": "create_payment_intent is asked again in 10 min (HTTP 503: x)",
        "stuck": "create_payment_intent is put off: "
        "the variable STRIPE_SECRET_KEY is not set on this worker",
    }


def test_a_held_call_that_is_still_asked_for_is_not_to_be_charged_by_hand(house: House) -> None:
    house.stripe.answers.extend([LOST] * 3)
    house.start(run="asked")
    house.play(2)
    (why,) = why_waiting(house.services.store, find(house).runs).values()
    assert why.startswith("create_payment_intent is held: asked again with the same key ")
    assert why.endswith("; do not charge by hand")


def test_fifty_runs_that_wait_take_few_round_trips(house: House, server: redis.Redis) -> None:
    for number in range(50):
        house.start("other", run=f"run-{number}")
    states = find(house).runs
    before = int(server.info("stats")["total_reads_processed"])
    why_waiting(house.services.store, states)
    assert int(server.info("stats")["total_reads_processed"]) - before < 20


def test_what_an_open_call_asks_is_shown_before_stripe_has_answered(house: House) -> None:
    house.start(run="open")
    house.step()
    shown = stripe_flows("show", "open", "--request").stdout
    assert "POST /v1/payment_intents" in shown
    assert "amount 2000" in shown


def test_the_json_document_has_what_was_asked_and_answered(house: House) -> None:
    answer(house, id="pi_3Sabc123D", amount=2000, currency="usd", status="processing")
    house.start(run="paid")
    house.play()
    document = json.loads(stripe_flows("show", "pi_3Sabc123D", "--json").stdout)
    (call,) = [event for event in document["history"] if event["kind"] == "call"]
    assert call["request"]["parameters"] == {"amount": 2000, "currency": "usd"}
    assert call["answer"]["status"] == "processing"
    assert call["answer"]["amounts"] == {"amount": 2000}
    assert document["run"]["run_id"] == "paid"
