"""`stripe_flows.testing.play`: a flow in process, as the engine runs it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stripe_flows.engine.errors import FlowNotFound, ScriptRejected
from stripe_flows.testing import error, play

CALL = 'new_customer().email("jenny@example.com").create_async()\n'
TOO_LARGE = "it is larger than 65,536 bytes, the limit of a script"


def test_one_error_flow_serves_calls_of_several_continuations(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(
        "for step in ('a', 'b', 'c'):\n"
        "    new_customer().create_async(then=step, on_error='order')\n"
    )
    for step in "abc":
        (tmp_path / f"{step}_response.py").write_text(f"print('{step} is made')")
    (tmp_path / "order_error.py").write_text("print(f'{call.then} is refused')")
    played = play("main", flows_dir=tmp_path, answers=[{"id": "cus_1"}, error(402), error(400)])
    assert played.output == "a is made\nb is refused\nc is refused\n"
    assert played.status == "succeeded"


def test_warnings_are_returned_with_flow_and_line(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(CALL)
    (tmp_path / "new_create_customer_response.py").write_text("x = 1\nnew_refund().charge('ch_1')")
    played = play("main", flows_dir=tmp_path, answers=[{"id": "cus_1"}])
    told = "new_refund() was built and not sent: end it with .create_async(…)"
    assert played.warnings == [f"flows/new_create_customer_response.py:2: {told}"]
    assert played.output == f"warning: {played.warnings[0]}\n"
    assert played.status == "succeeded"


def test_a_bad_file_is_an_error_only_where_it_is_reached(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(CALL)
    (tmp_path / "new_create_customer_response.py").write_text("#" * 70_000)
    (tmp_path / "good.py").write_text("print(1)")
    assert play("good", flows_dir=tmp_path).output == "1\n"
    reached = re.escape(f"flows/new_create_customer_response.py: {TOO_LARGE}")
    with pytest.raises(ScriptRejected, match=reached):
        play("main", flows_dir=tmp_path, answers=[{"id": "cus_1"}])
    with pytest.raises(ScriptRejected, match=reached):
        play("new_create_customer_response", flows_dir=tmp_path)
    with pytest.raises(FlowNotFound, match="did you mean 'good'"):
        play("goood", flows_dir=tmp_path)
