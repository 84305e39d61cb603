"""What `stripe-flows dev` shows of its processes' logs."""

from __future__ import annotations

from pathlib import Path

import pytest

from stripe_flows.cli.process_log import ProcessLog

AT = "[2026-11-24 15:59:26,123: INFO/MainProcess] "


def shown(tmp_path: Path, name: str, *lines: str) -> list[str]:
    log = tmp_path / f"{name}.log"
    log.write_text("said while it started\n")
    stream = ProcessLog(name, log)
    with log.open("a") as file:
        file.writelines(f"{line}\n" for line in lines)
    return list(stream.lines())


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("succeeded in 0.0190075s: None", "done in 0.019 s"),
        (
            "raised expected: CallFailed('card_error code=card_declined')",
            "refused: card_error code=card_declined",
        ),
        (
            "raised expected: ScriptFailed('flows/main.py:6: KeyError', 'main', None)",
            "failed: flows/main.py:6: KeyError",
        ),
        ("retry: again in 0.1 s: timeout", "again in 0.1 s: timeout"),
        ("retry: held: api_error", "held: api_error"),
    ],
)
def test_a_task_is_one_short_line(tmp_path: Path, said: str, told: str) -> None:
    line = f"{AT}Task stripe_flows.create_price[abc.1] {said}"
    assert shown(tmp_path, "worker", line) == [f"15:59:26  create_price  {told}  abc.1"]


def test_a_line_that_names_its_step_shows_the_run_and_not_all_of_it(tmp_path: Path) -> None:
    step = '[run_id=order-42 context_id="a [b] c" operation=create_price item=abc attempt=1]'
    warning = (
        AT.replace("INFO", "WARNING") + f"run order-42 failed: flows/main.py:1: KeyError {step}"
    )
    lines = (
        f"{AT}Task stripe_flows.create_price[abc.1] received {step}",
        f"{AT}Task stripe_flows.create_price[abc.1] succeeded in 0.0190075s: None {step}",
        warning,
    )
    assert shown(tmp_path, "worker", *lines) == [
        "15:59:26  create_price  done in 0.019 s  order-42  abc.1",
        "15:59:26  warning: run order-42 failed: flows/main.py:1: KeyError",
    ]


def test_what_is_no_news_is_left_out(tmp_path: Path) -> None:
    lines = (
        f"{AT}Task stripe_flows.create_price[abc.1] received",
        f"{AT}Task stripe_flows.create_price[abc.1] ignored",
        f"{AT}Connected to redis://127.0.0.1:1/0",
        " -------------- worker@vm v5.7.0",
    )
    assert shown(tmp_path, "worker", *lines) == []
    assert shown(tmp_path, "broker", "1:M 24 Nov * Background saving started") == []


def test_what_goes_wrong_is_shown_with_its_traceback(tmp_path: Path) -> None:
    error = AT.replace("INFO", "ERROR") + "the journal does not answer"
    trace = (
        "Traceback (most recent call last):",
        '  File "x.py", line 1',
        "OSError: no",
        "fine again",
    )
    assert shown(tmp_path, "worker", error) == ["15:59:26  error: the journal does not answer"]
    assert shown(tmp_path, "flower", *trace) == list(trace[:3])


def test_a_line_is_shown_once_it_is_whole(tmp_path: Path) -> None:
    log = tmp_path / "broker.log"
    log.write_text("")
    stream = ProcessLog("broker", log)
    with log.open("a") as file:
        file.write("WARNING: half ")
        file.flush()
        assert list(stream.lines()) == []
        file.write("a line\n")
        file.flush()
        assert list(stream.lines()) == ["WARNING: half a line"]
