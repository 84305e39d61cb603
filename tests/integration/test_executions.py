"""What becomes of an execution: whole or not at all, pinned to its flows, within its budgets."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import replace

import pytest
from pydantic import SecretStr

from stripe_flows.engine.errors import (
    SandboxBusy,
    SandboxCrashed,
    ScriptFailed,
    SealError,
)
from stripe_flows.engine.flow import FlowFolder
from stripe_flows.engine.identity import root_id
from stripe_flows.engine.stripe.outcomes import Reply
from stripe_flows.local.broker import Broker
from stripe_flows.tasks.api.decide import retry
from stripe_flows.tasks.attempt_end import Failed, Ignored, PutOff
from stripe_flows.tasks.journal.begin import Begun, Delivery, begin_execution
from stripe_flows.tasks.journal.flows import load_flow_set, load_source, store_flows
from stripe_flows.tasks.journal.read import read_run
from stripe_flows.tasks.journal.store import Store
from stripe_flows.tasks.journal.workers import WorkerRow, write_worker
from stripe_flows.tasks.run_flow import public_reason, run_flow
from stripe_flows.tasks.sealing import Sealer, new_key
from tests.integration.house import OK, House, refusal

CHARGE = 'new_payment_intent().amount(2000).currency("usd").create_async()\n'


def test_a_script_that_raises_commits_no_call(house: House) -> None:
    house.flows(main=CHARGE + 'print("so far")\nraise ValueError("jenny@example.com")')
    run = house.start()
    house.play()
    assert house.stripe.sent == []
    assert (run.status(), run.output()) == ("failed", "so far\n")
    error = run.history()[-1].error or ""
    assert error.startswith("flows/main.py:3: ValueError")


def test_what_celery_sees_of_a_failed_script_holds_no_customers_data(house: House) -> None:
    house.flows(main='raise ValueError("jenny@example.com")')
    house.start()
    house.play()
    assert house.ends == [Failed("ValueError", line=1)]


def test_a_flow_that_is_missing_fails_the_run_with_the_nearest_name(house: House) -> None:
    house.flows(main="print(1)")
    run = house.start("mian")
    house.play()
    assert "did you mean 'main'?" in (run.history()[-1].error or "")


def test_a_run_keeps_its_flows_through_a_deploy(house: House) -> None:
    house.flows(main=CHARGE, new_create_payment_intent_response='print("old")')
    run = house.start()
    house.step()
    house.flows(new_create_payment_intent_response='print("new")')
    house.play()
    assert run.output() == "old\n"
    again = house.start(run="order-43")
    house.play()
    assert again.output() == "new\n"


def test_a_flow_that_appears_later_is_not_the_runs(house: House) -> None:
    house.flows(main=CHARGE)
    run = house.start()
    house.step()
    house.flows(new_create_payment_intent_response='print("new")')
    house.play()
    assert (run.status(), run.output()) == ("succeeded", "")


TOO_LARGE = "it is larger than 65,536 bytes, the limit of a script"


def test_a_bad_file_stops_no_other_flow(house: House) -> None:
    house.flows(main="print(1)", big="#" * 70_000)
    (house.services.settings.flows_dir / "latin.py").write_bytes(b"\xff")
    (house.services.settings.flows_dir / "away.py").symlink_to("/etc/hostname")
    (house.services.settings.flows_dir / "two words.py").write_text("")
    run = house.start()
    house.play()
    assert (run.status(), run.output()) == ("succeeded", "1\n")


def test_a_bad_flow_fails_with_its_reason_when_an_answer_leads_to_it(house: House) -> None:
    house.flows(main=CHARGE, new_create_payment_intent_response="#" * 70_000)
    run = house.start()
    house.play()
    assert len(house.stripe.sent) == 1
    assert run.status() == "failed"
    failed = run.history()[-1]
    assert failed.error == f"flows/new_create_payment_intent_response.py: {TOO_LARGE}"
    # Mended, the failed step goes on with the same answer; nothing is sent again.
    house.flows(new_create_payment_intent_response="print(parsed_data.id)")
    retry(house.services, run.id, failed.item, "same")
    house.play()
    assert (run.status(), run.output()) == ("succeeded", "pi_1\n")
    assert len(house.stripe.sent) == 1


def test_a_bad_flow_fails_again_until_it_is_mended(house: House) -> None:
    house.flows(main="#" * 70_000)
    run = house.start()
    house.play()
    for source, status in (("#" * 70_001, "failed"), ("print('mended')", "succeeded")):
        assert run.history()[-1].error == f"flows/main.py: {TOO_LARGE}"
        house.flows(main=source)
        retry(house.services, run.id, run.history()[-1].item, "same")
        house.play()
        assert run.status() == status
    assert run.output() == "mended\n"


def test_no_default_takes_the_place_of_a_bad_error_flow(house: House) -> None:
    house.flows(
        main=CHARGE,
        new_create_payment_intent_error="#" * 70_000,
        default_error='print("handled")',
    )
    run = house.start()
    house.stripe.answers.append(refusal(402))
    house.play()
    assert (run.status(), run.output()) == ("failed", "")
    assert run.history()[-1].error == f"flows/new_create_payment_intent_error.py: {TOO_LARGE}"


def test_a_bad_flow_can_be_named_by_then(house: House) -> None:
    house.flows(main=CHARGE.replace("()\n", '(then="after")\n'), after_response="#" * 70_000)
    run = house.start()
    house.play()
    assert run.history()[-1].error == f"flows/after_response.py: {TOO_LARGE}"


def test_one_error_flow_serves_calls_whose_responses_go_on_in_different_ones(house: House) -> None:
    house.flows(
        main="".join(CHARGE.replace("()\n", f"(then='{one}', on_error='order')\n") for one in "ab"),
        a_response="print('a')",
        b_response="print('b')",
        order_error="print(call.then, 'is refused')",
    )
    run = house.start()
    house.stripe.answers.extend([OK, refusal(402)])
    house.play()
    assert (run.status(), run.output()) == ("succeeded", "a\nb is refused\n")
    house.stripe.answers.append(refusal(400))
    house.flows(main=CHARGE.replace("()\n", "(on_error='ordre')\n"))
    wrong = house.start(run="order-43")
    house.play()
    assert wrong.history()[-1].error == (
        "flows/main.py:1: new_payment_intent().create_async(): on_error names no flow: "
        "there is no flows/ordre_error.py; did you mean 'order'?"
    )


def test_a_builder_that_is_not_sent_is_a_warning_in_the_record(house: House) -> None:
    house.flows(main="print('so far')\nnew_payment_intent().amount(5)\n")
    run = house.start()
    house.play()
    assert run.status() == "succeeded"
    assert run.output() == (
        "so far\nwarning: flows/main.py:2: new_payment_intent() was built and not sent: "
        "end it with .create_async(…)\n"
    )


def test_two_calls_of_one_branch_have_their_own_lines_in_the_record(house: House) -> None:
    house.flows(main=f"if True:\n    {CHARGE}    {CHARGE}else:\n    {CHARGE}")
    run = house.start()
    house.step()
    assert [created.line for created in run.history()[-1].created] == [2, 3]


def test_a_run_keeps_a_bad_flow_through_a_deploy_that_mends_it(house: House) -> None:
    house.flows(main=CHARGE, new_create_payment_intent_response="#" * 70_000)
    run = house.start()
    house.step()
    house.flows(new_create_payment_intent_response="print(1)")
    house.play()
    assert run.status() == "failed"
    again = house.start(run="order-43")
    house.play()
    assert again.output() == "1\n"


def test_flows_outlive_the_seal_key_they_were_first_stored_with(
    house: House, broker: Broker
) -> None:
    house.flows(main=CHARGE)
    old, new = (SecretStr(key) for key in (house.seal_key, new_key()))
    folder = FlowFolder(house.services.settings.flows_dir).read()
    retention = house.services.store.retention
    rotated, alone = (Store(broker.url, Sealer(keys), retention) for keys in ([new, old], [new]))
    store_flows(house.services.store, *folder)
    with pytest.raises(SealError):
        load_flow_set(alone, folder[0].id)
    store_flows(rotated, *folder, reseal=True)
    assert load_flow_set(alone, folder[0].id) == folder[0]
    assert load_source(alone, folder[0]["main"]) == CHARGE


def test_calls_past_the_budget_are_refused_as_a_whole(house: House) -> None:
    house.flows(main=f"for i in range(21):\n    {CHARGE}")
    run = house.start()
    house.play()
    assert house.stripe.sent == []
    assert run.status() == "failed"


def test_a_run_that_calls_itself_for_ever_ends_at_its_depth(house: House) -> None:
    object.__setattr__(house.services.settings, "max_depth", 4)
    house.flows(main=CHARGE, new_create_payment_intent_response=CHARGE)
    run = house.start()
    house.play()
    assert len(house.stripe.sent) == 4
    assert run.status() == "failed"
    assert "STRIPE_FLOWS_MAX_DEPTH" in (run.history()[-1].error or "")


def test_the_pages_of_a_list_go_no_step_deeper(house: House) -> None:
    object.__setattr__(house.services.settings, "max_depth", 2)
    house.flows(
        main="customers().list_async()",
        new_list_customers_response="print(parsed_data.data[0].id)\n"
        "if next_page() is None:\n    new_product().name('all seen').create_async()",
    )
    for number in range(6):
        more = "true" if number < 5 else "false"
        page = f'{{"object": "list", "data": [{{"id": "cus_{number}"}}], "has_more": {more}}}'
        house.stripe.answers.append(Reply(200, {}, page))
    run = house.start()
    house.play()
    assert run.status() == "succeeded"
    assert run.output() == "".join(f"cus_{number}\n" for number in range(6))
    assert [sent.call.body for sent in house.stripe.sent] == [
        "",
        *(f"starting_after=cus_{number}" for number in range(5)),
        "name=all+seen",
    ]


def test_a_doubled_hint_runs_a_script_once(house: House) -> None:
    house.flows(main=f'print("once")\n{CHARGE}')
    run = house.start()
    house.hints.hints.extend([house.hints.hints[0]] * 3)
    house.play()
    assert run.output() == "once\n"
    assert len(house.stripe.sent) == 1
    assert house.dropped == ["closed"] * 3


def test_a_script_sees_the_same_time_and_chance_when_it_runs_again(house: House) -> None:
    house.flows(
        main="import random, datetime\n"
        "print(random.random(), datetime.datetime.now().isoformat())\n"
    )
    run = house.start()
    store, root = house.services.store, root_id("default", run.id)
    first = house.services.engine.execute
    outputs: list[str] = []

    def crash_after(*args: object, **kwargs: object) -> object:
        execution = first(*args, **kwargs)  # type: ignore[arg-type]
        outputs.append(execution.output)
        if len(outputs) == 1:
            raise KeyboardInterrupt  # the worker dies between the script and its commit
        return execution

    object.__setattr__(house.services.engine, "execute", crash_after)
    with pytest.raises(KeyboardInterrupt):
        house.step()
    assert read_run(store, run.id).status == "running"
    house.play()
    assert run.status() == "succeeded"
    assert outputs[0] == outputs[1] == run.output()
    assert root


def test_an_execution_that_never_ends_is_begun_so_often_and_no_more(house: House) -> None:
    object.__setattr__(house.services.settings, "max_begins", 3)
    house.flows(main="print(1)")
    run = house.start()

    def die(*_: object, **__: object) -> object:
        raise KeyboardInterrupt

    object.__setattr__(house.services.engine, "execute", die)
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            house.step()
        house.later()
    house.drain()
    assert run.status() == "failed"
    assert "begun 3 times" in (run.history()[-1].error or "")


def test_a_busy_sandbox_is_not_held_against_a_script(house: House) -> None:
    house.flows(main="print(1)")
    run = house.start()
    execute = house.services.engine.execute

    def busy(*_: object, **__: object) -> object:
        raise SandboxBusy("no script process became free within 10 s")

    object.__setattr__(house.services.engine, "execute", busy)
    for _ in range(house.services.settings.max_begins + 2):
        house.drain()
        house.later()
    assert run.status() == "running"
    object.__setattr__(house.services.engine, "execute", execute)
    house.play()
    assert run.status() == "succeeded"


def test_a_script_whose_process_always_dies_fails_in_the_end(house: House) -> None:
    house.flows(main="print(1)")
    run = house.start()

    def dies(*_: object, **__: object) -> object:
        raise SandboxCrashed("it died")

    object.__setattr__(house.services.engine, "execute", dies)
    house.play()
    assert run.status() == "failed"
    assert len(house.ends) == house.services.settings.max_begins + 1


def test_a_worker_that_cannot_open_an_execution_leaves_it_as_it_was(house: House) -> None:
    house.flows(main="print(1)")
    run = house.start()
    store_flows(house.services.store, *house.services.folder.read())
    hint = house.hints.hints[0]
    stranger = replace(house.services, store=house.store_with(new_key()))
    for _ in range(house.services.settings.max_begins + 2):
        end = run_flow(stranger, Delivery(hint.run_id, hint.item_id, hint.at, hint.queue))
        assert isinstance(end, PutOff)
        assert "cannot be opened" in end.reason
        house.later()
    assert len(run.history()) == 1  # what it would write with its key, nobody else could read
    house.play()
    assert (run.status(), run.output()) == ("succeeded", "1\n")


def test_a_step_tried_again_with_new_flows_leaves_the_other_branches_theirs(house: House) -> None:
    house.flows(
        main=CHARGE.replace("create_async()", 'create_async(then="a")')
        + CHARGE.replace("create_async()", 'create_async(then="b")'),
        a_response="nope()",
        b_response='print("b of old")',
    )
    run = house.start()
    house.step()
    house.step()
    (other,) = (hint for hint in house.hints.hints if hint.kind == "call")
    house.hints.hints.remove(other)
    house.drain()
    failed = next(event for event in run.history() if event.status == "failed")
    house.flows(a_response='print("a of new")', b_response='print("b of new")')
    retry(house.services, run.id, failed.item, "same")
    house.drain()
    house.hints.publish([other])
    house.play()
    assert run.output() == "a of new\nb of old\n"
    assert run.status() == "succeeded"


def test_a_retry_right_after_a_flow_was_mended_runs_the_mended_one(house: House) -> None:
    # Given a worker whose row still names the flows from before they were mended.
    house.flows(main="nope()")
    run = house.start()
    house.step()
    old, _ = house.services.folder.read()
    row = WorkerRow(name="w", queues=("flows.default",), seal_keys=(), flow_set=old.id, version="1")
    write_worker(house.services.store, row)

    house.flows(main="print('mended')")
    retry(house.services, run.id, root_id("default", run.id), "same")
    house.play()
    assert (run.status(), run.output()) == ("succeeded", "mended\n")


def test_what_follows_from_a_retry_keeps_the_flows_that_the_retry_began_with(house: House) -> None:
    house.flows(main="nope()", new_create_payment_intent_response='print("of old")')
    run = house.start()
    house.step()
    house.flows(main=CHARGE, new_create_payment_intent_response='print("of the retry")')
    retry(house.services, run.id, root_id("default", run.id), "same")
    house.step()
    house.flows(new_create_payment_intent_response='print("of later")')
    house.play()
    assert (run.status(), run.output()) == ("succeeded", "of the retry\n")


def test_a_retry_whose_worker_died_begins_again_with_the_same_flows(house: House) -> None:
    house.flows(main="nope()")
    run = house.start()
    house.step()
    house.flows(main="print('mended')")
    retry(house.services, run.id, root_id("default", run.id), "same")
    hint = house.hints.hints.popleft()
    flow_set, sources = house.services.folder.read()
    store_flows(house.services.store, flow_set, sources)
    begun = begin_execution(
        house.services.store,
        Delivery(hint.run_id, hint.item_id, hint.at, hint.queue),
        lease_ms=1,
        flow_set=flow_set.id,
    )
    assert isinstance(begun, Begun)
    house.flows(main="print('mended once more')")
    house.play()
    assert run.output() == "mended\n"


def test_a_retry_on_a_worker_without_the_flow_fails_with_its_reason_and_can_be_tried_again(
    house: House,
) -> None:
    house.flows(main="nope()", mane="print(1)")
    run = house.start()
    house.step()
    (house.services.settings.flows_dir / "main.py").unlink()
    again = retry(house.services, run.id, root_id("default", run.id), "same")
    house.play()
    assert run.status() == "failed"
    assert run.history()[-1].error == (
        "flows/main.py: there is no such flow in the folder of the worker that began it; "
        "did you mean 'mane'?"
    )
    house.flows(main="print('back')")
    retry(house.services, run.id, again, "same")
    house.play()
    assert (run.status(), run.output()) == ("succeeded", "back\n")


def test_script_processes_that_are_killed_cost_nothing(house: House) -> None:
    house.flows(main="print(1)")
    for n in range(5):
        found = subprocess.run(
            ["pgrep", "-P", str(os.getpid()), "monty"], capture_output=True, text=True, check=False
        )
        run = house.start(run=f"run-{n}")
        for pid in found.stdout.split():
            os.kill(int(pid), signal.SIGKILL)
        house.play()
        assert run.status() == "succeeded"
    assert found.stdout.split(), "no script process was found, so none was killed"


def test_a_hint_for_what_never_was_is_dropped(house: House) -> None:
    house.flows(main="print(1)")
    run = house.start()
    house.server.delete(f"{{sf}}:r:{run.id}")
    assert house.step() == Ignored("closed")


def test_only_the_place_and_the_kind_of_a_failure_is_public() -> None:
    error = ScriptFailed("KeyError: 'jenny@example.com'", flow="main", line=3)
    assert public_reason(error) == "KeyError"
    assert public_reason(ScriptFailed("new_x() has no y", flow="m")) == "ScriptFailed"
