"""Files in the flows folder that cannot be flows: each stops only itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from stripe_flows import start_flow
from stripe_flows.engine.errors import InputError
from stripe_flows.local.stack import Stack
from tests.acceptance.caller import calling
from tests.acceptance.conftest import QUICK
from tests.acceptance.waiting import wait_for

TOO_LARGE = "it is larger than 65,536 bytes, the limit of a script"
CALL = 'new_customer().email("jenny@example.com").create_async()\n'


def test_a_worker_starts_with_bad_files_and_all_other_flows_work(tmp_path: Path) -> None:
    flows = tmp_path / "flows"
    flows.mkdir()
    (flows / "good.py").write_text("print('good')")
    (flows / "leads.py").write_text(CALL)
    (flows / "new_create_customer_response.py").write_text("#" * 70_000)
    (flows / "away.py").symlink_to("/etc/hostname")
    (flows / "two words.py").write_text("")
    with Stack(tmp_path / "stack", flows_dir=flows, extra_env=QUICK) as stack, calling(stack):
        # When the good one runs, and one that leads to a bad one.
        good, leads = start_flow("good"), start_flow("leads")
        assert (good.wait(timeout=20), good.output()) == ("succeeded", "good\n")
        assert leads.wait(timeout=20) == "failed"
        (error,) = [event.error for event in leads.history() if event.status == "failed"]
        assert error == f"flows/new_create_customer_response.py: {TOO_LARGE}"
        # Then a start of a bad one is one error at once.
        with pytest.raises(InputError, match=r"flows/away\.py: it is a link that leads out"):
            start_flow("away")

        def warned(name: str) -> list[str]:
            log = stack.workers[0].log
            assert log is not None
            lines = log.read_text().splitlines()
            return [line for line in lines if "WARNING" in line and f"/{name}.py: it " in line]

        for name in ("new_create_customer_response", "away"):
            assert len(warned(name)) == 1
        # A file that goes bad while the worker runs is reported too, once, and one that is mended
        # works.
        (flows / "good.py").write_bytes(b"\xff")
        (flows / "away.py").unlink()
        (flows / "away.py").write_text("print('back')")
        assert len(wait_for(lambda: warned("good"))) == 1
        with pytest.raises(InputError, match="it is not UTF-8"):
            start_flow("good")
        back = start_flow("away")
        assert (back.wait(timeout=20), back.output()) == ("succeeded", "back\n")
        assert len(warned("away")) == 1
