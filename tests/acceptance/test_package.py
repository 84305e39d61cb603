"""What is installed: the wheel made from the source distribution, beside a user's own files.

In a checkout the package's folders are links. The wheel has to hold plain files, the Lua scripts and
the data, and a user's own `tasks.py` and `celeryconfig.py` must stay theirs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

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


def run(command: list[str], **options: object) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout)


def test_the_wheel_has_every_file_of_the_package_as_a_plain_file(installed: Path) -> None:
    wanted = {
        str(path.relative_to(ROOT))
        for folder in ("engine", "tasks", "local")
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
    command = [sys.executable, "-m", "stripe_flows.tasks.cli", "keys", "new"]
    assert len(run(command, cwd=tmp_path, env=env).strip()) == 44
