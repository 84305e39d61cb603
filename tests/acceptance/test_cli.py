"""The command line against the real stack: what it prints, and what it exits with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest

from stripe_flows import get_run, list_runs
from stripe_flows.local.stack import Stack
from stripe_flows.simulator.client import SimulatorClient
from tests.integration.simulator_process import client_of

PAID = json.dumps({"customer": "cus_customer123"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder to run commands in."""
    return tmp_path


def stripe_flows(
    stack: Stack, folder: Path, *args: str, given: str = "", **env: str
) -> subprocess.CompletedProcess[str]:
    """The command, in a process of its own, in an empty folder."""
    return subprocess.run(
        [sys.executable, "-m", "stripe_flows.cli", *args],
        cwd=folder,
        env=stack.env | env,
        input=given,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def fresh() -> str:
    return f"order-{uuid.uuid4().hex[:12]}"


def script(folder: Path, text: str) -> str:
    (folder / "script.py").write_text(text)
    return str(folder / "script.py")


def held_run(stack: Stack, folder: Path, simulator: SimulatorClient) -> tuple[str, str]:
    """A run with a held call: Stripe's answer was a 500 that it saved. Gives run and call."""
    run = fresh()
    simulator.faults([{"kind": "error_500_after", "times": 1, "should_retry": False}])
    done = stripe_flows(
        stack, folder, "run", "main", "--params", PAID, "--run-id", run, "--timeout", "15"
    )
    assert done.returncode == 3, done.stderr
    assert done.stderr.startswith(f"starting {run}\n{run} held: api_error ")
    assert done.stderr.endswith(f"; see stripe-flows show {run}\n")
    (item,) = get_run(run).open_items()
    return run, item.item


def test_run_prints_what_the_scripts_print_and_how_it_ended(
    caller: Stack, simulator: SimulatorClient, folder: Path
) -> None:
    run = fresh()
    done = stripe_flows(
        caller, folder, "run", "main", "--params", PAID, "--worker-id", "worker-1", "--run-id", run
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "Request dispatched: payment_intent_request_dispatched"
    assert lines[1].startswith("✅ Payment Intent Created: pi_")
    assert lines[2:] == ["Status: requires_payment_method", "Ready for frontend payment collection"]
    assert done.stderr.startswith(f"starting {run}\n{run} succeeded in ")

    shown = stripe_flows(caller, folder, "show", run)
    assert "✓ create_payment_intent" in shown.stdout
    assert "\x1b" not in shown.stdout, "no colours in a pipe"


def test_json_is_one_document_with_the_records_own_names(
    caller: Stack, simulator: SimulatorClient, folder: Path
) -> None:
    given = folder / "params.json"
    given.write_text(PAID)
    done = stripe_flows(
        caller, folder, "run", "main", "--params", f"@{given}", "--context-id", "basket 7", "--json"
    )
    document = json.loads(done.stdout)
    run = get_run(document["run"]["run_id"])
    assert document["output"] == run.output()
    assert document["run"]["status"] == "succeeded"
    assert document["run"]["meta"]["context_id"] == "basket 7"

    shown: dict[str, Any] = json.loads(
        stripe_flows(caller, folder, "show", run.id, "--json").stdout
    )
    assert set(shown) == {"run", "history", "open_items"}
    assert [e["item"] for e in shown["history"]] == [e.item for e in run.history()]

    listed = json.loads(
        stripe_flows(caller, folder, "list", "--context", "basket 7", "--json").stdout
    )
    assert [state["run_id"] for state in listed] == [
        run.id for run in list_runs(context_id="basket 7")
    ]


def test_run_says_at_once_which_worker_is_missing_and_goes_on_waiting(
    caller: Stack, folder: Path
) -> None:
    done = stripe_flows(
        caller, folder, "run", "declined", "--worker-id", "nobody-7", "--timeout", "0.5"
    )
    assert done.returncode == 4
    missing = "no worker consumes nobody-7: start one with `stripe-flows worker nobody-7`"
    assert done.stderr.count(missing) == 1
    assert "running still; the time to wait is over" in done.stderr


def test_a_failed_run_shows_flow_and_line_and_can_be_cancelled_no_more(
    caller: Stack, folder: Path
) -> None:
    run = fresh()
    text = script(folder, "print('before')\nraise ValueError('no such plan')\n")
    done = stripe_flows(caller, folder, "run", "--script", text, "--run-id", run)
    assert done.returncode == 1
    assert done.stdout == "before\n"
    assert "failed in" in done.stderr
    assert "s: flows/script.py:2: ValueError: no such plan; see" in done.stderr
    shown = stripe_flows(caller, folder, "show", run).stdout
    assert "flows/script.py:2: ValueError: no such plan" in shown
    assert f"--same --run {run}" in shown
    assert run in stripe_flows(caller, folder, "list", "--failed").stdout

    cancelled = stripe_flows(caller, folder, "cancel", run, "--yes")
    assert cancelled.returncode == 2
    assert cancelled.stderr.startswith("error: ")


def test_a_held_call_is_resolved_with_the_object_that_stripe_made(
    caller: Stack, simulator: SimulatorClient, folder: Path
) -> None:
    run, call = held_run(caller, folder, simulator)
    assert run in stripe_flows(caller, folder, "list", "--held").stdout
    command = f"stripe-flows resolve {call} --response OBJECT --run {run}"
    assert command in stripe_flows(caller, folder, "show", run).stdout
    (made,) = simulator.effects()["keys"][call]["objects"]

    # Everything that was asked can be compared, so nothing is asked of a person.
    done = stripe_flows(caller, folder, "resolve", call, "--response", made)

    assert done.returncode == 0, done.stderr
    fits = f"done: {made}; it fits in: kind, mode, the account, amount, currency, customer"
    assert fits in done.stderr
    assert get_run(run).wait(15) == "succeeded"
    assert f"✅ Payment Intent Created: {made}" in get_run(run).output()
    assert simulator.effects()["operations"]["create_payment_intent"] == 1
    again = stripe_flows(caller, folder, "resolve", call, "--response", made)
    assert again.returncode == 2, "it is settled"


def test_an_object_that_is_not_what_a_held_call_asked_for_is_refused(
    caller: Stack, simulator: SimulatorClient, folder: Path
) -> None:
    run, call = held_run(caller, folder, simulator)
    official = client_of(caller.simulator_url or "")
    other = official.v1.payment_intents.create({"amount": 447, "currency": "usd"})

    refused = stripe_flows(caller, folder, "resolve", call, "--response", other.id, "--yes")

    assert refused.returncode == 3
    why = f"{other.id} is of 4.47 USD; the call asked for 20.00 USD; its customer is not set"
    assert f"refused: {why}" in refused.stderr
    assert f"call {call} stays held: stripe-flows show {run}" in refused.stderr
    shown = stripe_flows(caller, folder, "show", run).stdout
    assert "✗ retrieve_payment_intent" in shown
    assert why in shown
    assert get_run(run).status() == "held"

    kind = stripe_flows(caller, folder, "resolve", call, "--response", "cus_9", "--yes")
    assert kind.returncode == 2
    assert "error: cus_9 is the id of a customer; create_payment_intent answers with" in kind.stderr


def test_a_person_is_asked_only_about_what_cannot_be_compared(
    caller: Stack, simulator: SimulatorClient, folder: Path
) -> None:
    run = fresh()
    text = script(folder, "print(new_setup_intent().usage('off_session').create_async())")
    simulator.faults([{"kind": "error_500_after", "times": 1, "should_retry": False}])
    stripe_flows(caller, folder, "run", "--script", text, "--run-id", run, "--timeout", "15")
    (item,) = get_run(run).open_items()
    (made,) = simulator.effects()["keys"][item.item]["objects"]

    # When nobody answers the question, then nothing is named.
    asked = stripe_flows(caller, folder, "resolve", item.item, "--response", made)
    assert asked.returncode == 1
    assert (
        "cannot be compared: which one it is (the call asked for nothing that tells a setup intent "
        "from another)"
    ) in asked.stderr
    assert f"state that the call made {made} all the same?" in asked.stderr
    assert get_run(run).status() == "held"

    done = stripe_flows(caller, folder, "resolve", item.item, "--response", made, given="y\n")
    assert done.returncode == 0, done.stderr
    assert "accepted without comparison: which one it is" in done.stderr


def test_a_retry_with_a_new_key_says_what_it_risks_and_asks(
    caller: Stack, simulator: SimulatorClient, folder: Path
) -> None:
    run, call = held_run(caller, folder, simulator)

    refused = stripe_flows(caller, folder, "retry", call, "--new-key", given="n\n")
    assert refused.returncode == 1
    assert "charges a second time" in refused.stderr
    assert "attempt 1  held: api_error" in refused.stderr, "what is known of the first"
    assert get_run(run).status() == "held"

    done = stripe_flows(caller, folder, "retry", call, "--new-key", "--run", run, given="y\n")
    assert done.returncode == 0, done.stderr
    assert get_run(run).wait(15) == "succeeded"
    assert simulator.effects()["operations"]["create_payment_intent"] == 2, "as it was warned"


def test_a_key_from_standard_input_reaches_stripe_and_shows_nowhere(
    caller: Stack, simulator: SimulatorClient, folder: Path
) -> None:
    key = "sk_test_fromStandardInput"
    args = ("run", "main", "--params", PAID, "--stripe-secret", "-")
    done = stripe_flows(caller, folder, *args, given=key + "\n", STRIPE_SECRET_KEY="")
    assert done.returncode == 0, done.stderr
    assert key not in done.stdout + done.stderr


def test_wrong_input_is_one_line_and_exit_code_2(caller: Stack, folder: Path) -> None:
    done = stripe_flows(caller, folder, "run", "mian")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: there is no flow 'mian'; did you mean 'main'?\n"


def test_a_journal_that_is_away_is_one_line_and_exit_code_5(caller: Stack, folder: Path) -> None:
    done = stripe_flows(caller, folder, "list", REDIS_URL="redis://127.0.0.1:1/0")
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr.startswith("error: the journal at 127.0.0.1:1 does not answer")
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("no_color", [False, True])
def test_colours_are_for_a_terminal_that_wants_them(
    caller: Stack, folder: Path, no_color: bool
) -> None:
    main_end, its_end = os.openpty()
    env = caller.env | {"TERM": "xterm-256color"} | ({"NO_COLOR": "1"} if no_color else {})
    command = [sys.executable, "-m", "stripe_flows.cli", "list"]
    subprocess.run(
        command, cwd=folder, env=env, stdout=its_end, stderr=its_end, timeout=30, check=True
    )
    os.close(its_end)
    shown = os.read(main_end, 65536).decode(errors="replace")
    os.close(main_end)
    assert "status" in shown
    assert ("\x1b[32m" in shown) is not no_color


def test_a_misspelt_variable_is_one_line_and_no_error(caller: Stack, folder: Path) -> None:
    done = stripe_flows(caller, folder, "list", "--limit", "1", STRIPE_FLOWS_GRACES="7")
    assert done.returncode == 0
    assert done.stderr.count("warning: ") == 1
    assert done.stderr.splitlines()[0] == (
        "warning: STRIPE_FLOWS_GRACES is not a setting and has no effect; did you mean "
        "STRIPE_FLOWS_GRACE?"
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_says_that_the_run_goes_on_and_the_same_id_follows_it(
    caller: Stack, simulator: SimulatorClient, folder: Path, number: signal.Signals
) -> None:
    run = fresh()
    command = ("run", "main", "--params", PAID, "--worker-id", f"late-{run}", "--run-id", run)

    # Given a run that waits for a worker, and a person who does not
    with subprocess.Popen(
        [sys.executable, "-m", "stripe_flows.cli", *command],
        cwd=folder,
        env=caller.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as following:
        assert following.stderr is not None
        assert following.stderr.readline() == f"starting {run}\n"
        assert "no worker consumes" in following.stderr.readline()
        following.send_signal(number)
        following.send_signal(number)
        said = following.stderr.read()
        assert following.wait(10) == 128 + number
    assert said == (
        f"interrupted; run {run} goes on; follow it with stripe-flows show {run}, or with the same "
        f"command and --run-id {run}: it does not start again\n"
    )

    # When a worker comes, and the command is typed again
    caller.start_worker(f"late-{number}", queues=[f"flows.late-{run}"])
    again = stripe_flows(caller, folder, *command)
    caller.workers.pop().stop()

    # Then it follows the same run
    assert again.returncode == 0, again.stderr
    assert f"run {run} was started before, " in again.stderr
    assert "✅ Payment Intent Created" in again.stdout
    assert simulator.effects()["operations"]["create_payment_intent"] == 1
    ended = stripe_flows(caller, folder, *command, "--no-wait")
    assert ended.stdout == f"{run}\n"
    assert "ago, and has succeeded; nothing is started again\n" in ended.stderr


def test_a_run_id_with_other_input_says_what_differs_and_shows_no_value(
    caller: Stack, folder: Path
) -> None:
    run = fresh()
    stripe_flows(caller, folder, "run", "main", "--params", PAID, "--run-id", run, "--no-wait")
    other = json.dumps({"customer": "cus_theOther", "coupon": "SUMMER"})
    done = stripe_flows(
        caller, folder, "run", "main", "--params", other, "--run-id", run, "--worker-id", "eu"
    )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        f"error: run_id '{run}' belongs to a run that was started with another worker_id ('default', "
        "not 'eu') and other params ('customer' differs, 'coupon' is new); nothing was started"
    )
    assert get_run(run).wait(15) == "succeeded"
