"""What is no hint is found before Celery reads it, and said without a word of what it holds."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from kombu.message import Message

from stripe_flows.tasks.worker.malformed import (
    NO_TASK,
    TOO_LARGE,
    UNKNOWN_TASK,
    WRONG_ARGUMENTS,
    WRONG_BODY,
    WRONG_CONTENT,
    WRONG_HEADERS,
    DroppedMessages,
    message_fault,
)

TASKS = {"stripe_flows.run_flow": object(), "theirs.task": object()}
HINT = {"run": "order-42", "item": "a" * 26, "at": 1_700_000_000_000, "context_id": "context-1"}
HEADERS = {"task": "stripe_flows.run_flow", "id": f"{'a' * 26}.1", "retries": 0}


def fault(body: object, *, content_type: str = "application/json", **headers: object) -> str | None:
    made: Any = {**HEADERS, **headers}
    message = Message(
        body=json.dumps(body),
        content_type=content_type,
        content_encoding="utf-8",
        headers=made,
        accept={"application/json"},
    )
    return message_fault(message, TASKS)


def test_a_hint_reaches_celery() -> None:
    assert fault([[], {**HINT, "flow": "main"}, {}]) is None


def test_a_hint_of_a_newer_version_may_say_more() -> None:
    assert fault([[], {**HINT, "priority": [1]}, {}], traceparent="00-1") is None


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({}, WRONG_BODY),
        (None, WRONG_BODY),
        ([[], HINT], WRONG_BODY),
        ([[1], HINT, {}], WRONG_ARGUMENTS),
        ([[], {}, {}], WRONG_ARGUMENTS),
        ([[], {**HINT, "at": "1"}, {}], WRONG_ARGUMENTS),
        ([[], {**HINT, "at": -1}, {}], WRONG_ARGUMENTS),
        ([[], {**HINT, "run": "sk_test_4eC39HqLyjWDarjtT1zdp7dc"}, {}], WRONG_ARGUMENTS),
        ([[], {**HINT, "run": "a b"}, {}], WRONG_ARGUMENTS),
        ([[], HINT, {"chain": [{"task": "celery.chain"}]}], WRONG_BODY),
        ([[], {**HINT, "context_id": "x" * 70_000}, {}], TOO_LARGE),
    ],
)
def test_a_body_that_is_not_a_hints_is_refused(body: object, why: str) -> None:
    assert fault(body) == why


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"task": None}, NO_TASK),
        ({"task": "stripe_flows.unheard_of"}, UNKNOWN_TASK),
        ({"id": None}, WRONG_HEADERS),
        ({"id": "a person"}, WRONG_HEADERS),
        ({"shadow": "a person"}, WRONG_HEADERS),
        ({"eta": "2999-01-01T00:00:00+00:00"}, WRONG_HEADERS),
        ({"expires": "2020-01-01T00:00:00+00:00"}, WRONG_HEADERS),
        ({"timelimit": [1, None]}, WRONG_HEADERS),
    ],
)
def test_headers_that_are_not_a_hints_are_refused(headers: dict[str, Any], why: str) -> None:
    assert fault([[], HINT, {}], **headers) == why


def test_another_content_type_is_refused_before_it_is_opened() -> None:
    assert fault([[], HINT, {}], content_type="application/x-python-serialize") == WRONG_CONTENT


def test_of_somebody_elses_task_only_the_form_is_looked_at() -> None:
    theirs = {"task": "theirs.task", "id": "theirs", "eta": "2999-01-01T00:00:00+00:00"}
    assert fault([[1, "x" * 70_000], {"any": {}}, {"chain": None}], **theirs) is None
    assert fault({"any": {}}, **theirs) == WRONG_BODY


def test_the_first_of_a_kind_is_logged_and_all_are_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    dropped = DroppedMessages()
    with caplog.at_level(logging.WARNING):
        for kind in (NO_TASK, NO_TASK, UNKNOWN_TASK, NO_TASK):
            dropped.add(kind)
    assert dropped.counts() == {NO_TASK: 3, UNKNOWN_TASK: 1}
    assert [getattr(record, "dropped", None) for record in caplog.records] == [1, 3]
    assert {getattr(record, "action", None) for record in caplog.records} == {"message_dropped"}
