"""An editor with pyright: no red lines in good flows, red ones in bad, and names are completed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stripe_flows.engine.check.editor import editor_files
from stripe_flows.engine.stripe.catalog import stripe_catalog
from tests.integration.language_server import LanguageServer
from tests.unit.engine.filled import filled, script_of

ROOT = Path(__file__).resolve().parents[2]
RESPONSE = "new_create_payment_intent_response"
FLOWS = {
    "main": 'new_payment_intent().amount(1).currency("usd").create_async()\n',
    RESPONSE: "print(parsed_data.id)\n",
    "listed_response": "for one in parsed_data.data:\n    print(one.email)\n",
    "steps": "line = {'price': 'price_1'}\nline['quantity'] = 2\nlines: list[dict] = [line]\n"
    "new_subscription().customer('cus_1').items(lines).create_async(**{'then': 'listed'})\n"
    "one = {'cents': 500, 'cur': 'usd'}\n"
    "new_payment_intent().amount(one['cents']).currency(one['cur']).create_async()\n"
    "print(f'{'nested'}', params.get('amount') * 100)\n",
    "default_response": "parsed_data: Customer = parsed_data\nprint(parsed_data.email)\n",
    "more": "customers().list_async(then='listed')\n",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of somebody's: a flows folder with our stubs, and code beside it."""
    folder = tmp_path_factory.mktemp("project")
    flows = folder / "flows"
    texts = {f"{name}.py": text for name, text in FLOWS.items()}
    for name, text in (texts | editor_files(FLOWS)).items():
        (flows / name).parent.mkdir(parents=True, exist_ok=True)
        (flows / name).write_text(text)
    (folder / "views.py").write_text("new_payment_intent()\n")
    configuration = {
        "extends": "flows/.stubs/pyright.json",
        "typeCheckingMode": "standard",
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(configuration))
    # Pyright does not follow an editable install: as if the project had the package in its folder.
    (folder / "stripe_flows").symlink_to(ROOT / "stripe_flows")
    return folder


def red_lines(folder: Path, *paths: Path, files: int) -> list[str]:
    """What pyright says is an error in so many files, a line each: `file:line: rule`."""
    command = Path(sys.executable).with_name("basedpyright")
    done = subprocess.run(
        [command, "--outputjson", "--level", "error", *paths],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(done.stdout)
    assert found["summary"]["filesAnalyzed"] == files
    return [
        f"{Path(one['file']).name}:{one['range']['start']['line'] + 1}: {one.get('rule')}"
        for one in found["generalDiagnostics"]
    ]


def test_the_repositorys_flows_have_no_red_lines() -> None:
    # The stubs in the folder are files too; what is in its hidden folder is not looked at.
    flows = len(list((ROOT / "flows").rglob("*.py")))
    assert red_lines(ROOT, ROOT / "flows", files=flows + 1) == []


def test_good_flows_have_no_red_lines_and_other_code_does_not_see_their_names(
    project: Path,
) -> None:
    assert red_lines(project, files=len(FLOWS) + 2) == ["views.py:1: reportUndefinedVariable"]


def test_a_call_of_any_operation_with_all_its_parameters_has_no_red_line(
    project: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "project"
    shutil.copytree(project, copy, symlinks=True)
    (copy / "views.py").unlink()
    reached = [one for one in stripe_catalog().operations.values() if one.host == "api"]
    for operation in reached:
        text = script_of(operation, filled(operation))
        (copy / "flows" / f"{operation.name}.py").write_text(f"{text}\n")
    assert red_lines(copy, files=len(FLOWS) + len(reached) + 1) == []


def test_mistakes_are_red(project: Path, tmp_path: Path) -> None:
    copy = tmp_path / "project"
    shutil.copytree(project, copy, symlinks=True)
    (copy / "views.py").unlink()
    (copy / "flows" / "main.py").write_text("new_payment_intent().amuont(1)\nparams.x\nnope\n")
    (copy / "flows" / f"{RESPONSE}.py").write_text("parsed_data.statuss\n")
    (copy / "flows" / "listed_response.py").write_text("parsed_data.data[0].emial\n")
    (copy / "flows" / "more.py").write_text("customer()\nnew_refund().amount('5')\n")
    assert sorted(red_lines(copy, files=len(FLOWS) + 1)) == [
        "listed_response.py:1: reportAttributeAccessIssue",
        "main.py:1: reportAttributeAccessIssue",
        "main.py:2: reportAttributeAccessIssue",
        "main.py:3: reportUndefinedVariable",
        f"{RESPONSE}.py:1: reportAttributeAccessIssue",
    ]


@pytest.fixture(scope="module")
def server(project: Path) -> Iterator[LanguageServer]:
    """A language server for the project."""
    with LanguageServer(project) as running:
        yield running


@pytest.mark.parametrize(
    ("flow", "before", "behind", "names"),
    [
        ("main", "new_paym", "", {"new_payment_intent", "new_payment_link"}),
        ("main", "new_payment_intent().", "", {"amount", "currency", "metadata", "create_async"}),
        ("main", 'payment_intent("pi_1").', "", {"capture_async", "cancel_async", "confirm_async"}),
        ("main", 'new_checkout_session().mode("', '")', {'"payment"', '"setup"', '"subscription"'}),
        ("main", 'new_subscription().items([{"', '"}])', {'"price"', '"quantity"'}),
        (RESPONSE, "parsed_data.", "", {"id", "status", "latest_charge", "get"}),
        (RESPONSE, "parsed_data.next_action.", "", {"type", "redirect_to_url"}),
        (RESPONSE, 'if parsed_data.status == "', '"', {'"succeeded"', '"requires_action"'}),
        (RESPONSE, "call.", "", {"operation", "request", "request_id"}),
        ("default_response", "parsed_data: Refund = parsed_data\nparsed_data.", "", {"charge"}),
        ("listed_response", "parsed_data.", "", {"data", "has_more"}),
        ("listed_response", "parsed_data.data[0].", "", {"email", "invoice_settings"}),
    ],
)
def test_names_are_completed(
    server: LanguageServer, project: Path, flow: str, before: str, behind: str, names: set[str]
) -> None:
    found = server.completions(project / "flows" / f"{flow}.py", before, behind)
    assert names <= found
