"""Each line about a step names it, in the text and in `extra`, and a line about none is left alone."""

from __future__ import annotations

import ast
import logging
from typing import Any

import pytest
from celery import Celery
from celery.app import trace
from celery.utils.saferepr import saferepr

from stripe_flows.tasks import log
from stripe_flows.tasks.hint import Hint
from stripe_flows.tasks.log import LoggedStep, NameStep, log_step, step_of_hint

ITEM = "A2" * 13
NAME = "stripe_flows.create_payment_intent"
KWARGS = {"run": "order-42", "item": ITEM, "at": 1, "operation": "x", "context_id": "basket 7"}
NAMED = (
    f'[run_id=order-42 context_id="basket 7" operation=create_payment_intent item={ITEM} attempt=2]'
)


def celerys(format_: str, **said: Any) -> logging.LogRecord:
    """A record as Celery writes it."""
    data = {"id": f"{ITEM}.2", "name": NAME, "kwargs": repr(KWARGS), **said}
    record = logging.LogRecord("celery.app.trace", logging.INFO, "", 1, format_, data, None)
    record.__dict__["data"] = data
    return record


def plain(text: str, *args: object, name: str = "any") -> logging.LogRecord:
    return logging.LogRecord(name, logging.INFO, "", 1, text, args, None)


def named(record: logging.LogRecord) -> logging.LogRecord:
    assert NameStep().filter(record)
    return record


@pytest.mark.parametrize(
    ("format_", "said", "action"),
    [
        (trace.LOG_RECEIVED, {}, "step_received"),
        (trace.LOG_SUCCESS, {"runtime": 0.1, "return_value": None}, "step_succeeded"),
        (trace.LOG_RETRY, {"exc": "again in 1 s"}, "step_put_off"),
        (trace.LOG_FAILURE, {"description": "raised expected", "exc": "C()"}, "step_failed"),
        (trace.LOG_IGNORED, {"description": "ignored"}, "hint_dropped"),
    ],
)
def test_celerys_lines_name_the_step(format_: str, said: dict[str, Any], action: str) -> None:
    before = celerys(format_, **said).getMessage()
    record = named(celerys(format_, **said))
    assert record.getMessage() == f"{before} {NAMED}"
    fields = record.__dict__
    assert (fields["run_id"], fields["context_id"]) == ("order-42", "basket 7")
    assert (fields["operation"], fields["flow"]) == ("create_payment_intent", None)
    assert (fields["item"], fields["attempt"], fields["action"]) == (ITEM, 2, action)


def test_a_line_goes_to_two_handlers_and_is_completed_once() -> None:
    record = named(celerys(trace.LOG_RECEIVED))
    named(record)
    assert record.getMessage().count("run_id=") == 1


def test_a_line_with_an_id_alone_is_named_by_the_hint_that_was_received() -> None:
    names = NameStep()
    names.filter(celerys(trace.LOG_RECEIVED))
    line = plain("Discarding revoked task: %s[%s]", NAME, f"{ITEM}.2")
    names.filter(line)
    assert line.getMessage() == f"Discarding revoked task: {NAME}[{ITEM}.2] {NAMED}"

    unseen = named(plain("Discarding revoked task: %s[%s]", NAME, "B.3"))
    assert unseen.getMessage().endswith("[operation=create_payment_intent item=B attempt=3]")


def test_lines_within_a_task_name_its_step_whoever_writes_them() -> None:
    own = Celery("own", set_as_current=False)
    lines: list[logging.LogRecord] = []

    @own.task(name="stripe_flows.run_flow")
    def run_flow(**_: object) -> None:
        lines.append(named(plain("100% of it", name="urllib3")))

    kwargs = KWARGS | {"flow": "main", "context_id": "c"}
    run_flow.apply(kwargs=kwargs, task_id=f"{ITEM}.1")
    (line,) = lines
    assert line.getMessage() == (
        f"100% of it [run_id=order-42 context_id=c flow=main item={ITEM} attempt=1]"
    )


@pytest.mark.parametrize(
    "record",
    [
        plain("nothing of ours"),
        plain("%s and %s", "one", "two"),
        celerys(trace.LOG_RECEIVED, name="users.own.task"),
    ],
)
def test_lines_about_none_of_our_tasks_are_left_alone(record: logging.LogRecord) -> None:
    before = record.getMessage()
    assert named(record).getMessage() == before
    assert "run_id" not in record.__dict__


@pytest.mark.parametrize(
    "kwargs", ["", None, "{", "[1]", "x()", "{'run': 1, 'context_id': None}", "(" * 10_000]
)
def test_a_message_that_says_something_else_is_no_trouble(kwargs: object) -> None:
    record = named(celerys(trace.LOG_RECEIVED, kwargs=kwargs))
    assert record.getMessage().endswith(
        f"received [operation=create_payment_intent item={ITEM} attempt=2]"
    )
    assert record.__dict__["run_id"] is None


@pytest.mark.parametrize("kind", ["call", "execution"])
def test_a_published_hint_is_read_without_a_parser(kind: Any) -> None:
    hint = Hint(
        run_id="order-42",
        item_id=ITEM,
        at=1_700_000_000_000,
        queue="flows.default",
        kind=kind,
        name="main",
        attempt=1,
        context_id="basket 7 – naïve",
    )
    shown = saferepr(hint.arguments)
    usual = log._USUAL_ARGUMENTS.fullmatch(shown)
    assert usual is not None, "the lines of every step would take the slow way"
    read = {
        name: value for name, value in ast.literal_eval(shown).items() if name in usual.groupdict()
    }
    assert {name: value for name, value in usual.groupdict().items() if value is not None} == read


@pytest.mark.parametrize(
    "name", ["it's", 'a "quote"', "back\\slash", "new\nline", "{'run': 'x'}", "'"]
)
def test_names_with_quotes_and_escapes_are_read_as_well(name: str) -> None:
    record = named(celerys(trace.LOG_RECEIVED, kwargs=repr(KWARGS | {"context_id": name})))
    assert record.__dict__["run_id"] == "order-42"
    assert record.__dict__["context_id"] == " ".join(name.split())


def test_what_a_forged_message_says_stays_on_its_line() -> None:
    forged = repr({"run": "a\n[ERROR] b\x1b[31m", "context_id": "c" * 100_000})
    text = named(celerys(trace.LOG_RECEIVED, kwargs=forged)).getMessage()
    assert "\n" not in text
    assert "\x1b" not in text
    assert len(text) < 1000


def test_our_own_lines_have_the_same_in_both_places(caplog: pytest.LogCaptureFixture) -> None:
    hint = Hint(
        run_id="r",
        item_id="I",
        at=1,
        queue="q",
        kind="execution",
        name="main",
        attempt=3,
        context_id="c",
    )
    assert step_of_hint(hint) == LoggedStep("r", "c", "main", None, "I", 3)
    with caplog.at_level(logging.INFO):
        log_step(logging.getLogger("x"), logging.INFO, "swept", "again", step_of_hint(hint))
    (record,) = caplog.records
    assert record.getMessage() == "again [run_id=r context_id=c flow=main item=I attempt=3]"
    assert record.__dict__["action"] == "swept"
    assert named(record).getMessage().count("run_id") == 1
