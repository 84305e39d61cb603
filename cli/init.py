"""The command `init`: make a flows folder with an example."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from stripe_flows.engine.errors import InputError
from stripe_flows.engine.flow import FlowFolder
from stripe_flows.tasks.extras import Extra, install_command, installed

from .commands import flows_option
from .example_flows import RUN_WELCOME, WELCOME
from .output import say
from .stubs import write_stubs


@click.command()
@flows_option
def init(folder: Path) -> None:
    """Make a flows folder with an example, and type stubs for an editor.

    Overwrites nothing: a folder that has flows is left unchanged.
    """
    make_flows(folder)
    say("")
    say("next:")
    option = "" if folder == Path("flows") else f" --flows {shlex.quote(str(folder))}"
    for line in _next_steps(option):
        say(f"  {line}")
    say("and while that runs, in another terminal in this folder:")
    say(f"  {RUN_WELCOME}")


def make_flows(folder: Path) -> None:
    """Write the example and its stubs to `folder`. Raises InputError if there are flows."""
    if has_flows(folder):
        raise InputError(f"there are flows in {folder} already; nothing was written")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in WELCOME.items():
            path = folder / f"{name}.py"
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
            say(f"{path}: made")
    except OSError as error:
        raise InputError(f"{error.filename or folder}: {error.strerror or error}") from None
    write_stubs(folder)


def has_flows(folder: Path) -> bool:
    """Return whether the folder has flows, also ones that cannot be read."""
    if not folder.is_dir():
        return False
    sources, faults = FlowFolder(folder).survey()
    return bool(sources or faults)


def _next_steps(option: str) -> list[str]:
    lacking: Extra | None = None if installed("local") else "local"
    steps = [install_command(lacking)] if lacking else []
    return [*steps, f"stripe-flows check{option}", f"stripe-flows dev{option}"]
