"""The command `stubs`: write type stubs, so that editors know the names in a flow's scope."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from pathlib import Path

import click

from stripe_flows.engine.check.editor import BUILTINS, CONFIGURATION, FOLDER, editor_files
from stripe_flows.engine.errors import InputError
from stripe_flows.engine.flow import FlowFolder
from stripe_flows.tasks.printable import one_line

from .commands import flows_option
from .output import say

_PYRIGHT = Path("pyrightconfig.json")


@click.command()
@flows_option
@click.option("--check", is_flag=True, help="Write nothing; exit with code 1 if they are stale.")
@click.pass_context
def stubs(ctx: click.Context, folder: Path, check: bool) -> None:
    """Write type stubs for an editor, in the flows folder.

    An editor with pyright then completes builders, setters and verbs, and knows the type of
    `parsed_data` in each flow. Run it again when you add flows; you can commit the files.
    """
    stale = write_stubs(folder, write=not check)
    ctx.exit(1 if check and stale else 0)


def write_stubs(folder: Path, *, write: bool = True) -> bool:
    """Write the stubs of a flows folder and report the changes; without `write` report stale ones.

    Return whether any were stale. Raises InputError.
    """
    try:
        return _stubs(folder, write=write)
    except (OSError, UnicodeDecodeError) as error:
        path = getattr(error, "filename", None) or _PYRIGHT
        raise InputError(f"{path}: {getattr(error, 'strerror', None) or 'not UTF-8'}") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"pyproject.toml: {error}") from None


def _stubs(folder: Path, *, write: bool) -> bool:
    sources, faults = FlowFolder(folder).survey()
    for path, fault in faults.items():
        say(f"{path}: {one_line(fault)}")
    files = editor_files(
        sources, [path.relative_to(folder).with_suffix("").as_posix() for path in faults]
    )
    stale = [name for name, text in files.items() if _text(folder / name) != text]
    beyond = _beyond(folder, files)
    if not write:
        for name in [*stale, *beyond]:
            say(f"{folder / name} is stale: run `stripe-flows stubs`")
        return bool(stale or beyond)
    for name in beyond:
        shutil.rmtree(folder / name)
    for name in stale:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(files[name], encoding="utf-8")
    say(f"{folder / BUILTINS}, {folder / FOLDER}: {len(stale) + len(beyond)} changed")
    _extend(folder / CONFIGURATION)
    return bool(stale or beyond)


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _beyond(folder: Path, files: dict[str, str]) -> list[str]:
    """Return the folders of types whose flows are gone."""
    wanted = {(folder / name).parent for name in files}
    found = [path.parent for path in sorted((folder / FOLDER).glob(f"*/{BUILTINS}"))]
    return [str(path.relative_to(folder)) for path in found if path not in wanted]


def _extend(configuration: Path) -> None:
    """Make a configuration of pyright's that extends ours; say what to add to an existing one."""
    where = configuration.as_posix()
    project = Path("pyproject.toml")
    tools = tomllib.loads(project.read_text(encoding="utf-8")) if project.is_file() else {}
    own = sorted({"pyright", "basedpyright"} & tools.get("tool", {}).keys())
    if _PYRIGHT.is_file():
        text = _PYRIGHT.read_text(encoding="utf-8")
        if not re.search(rf'(?m)^(?!\s*//).*"extends"\s*:\s*"(?:\./)?{re.escape(where)}"', text):
            say(f'add to {_PYRIGHT}: "extends": "{where}"')
    elif own:
        if tools["tool"][own[0]].get("extends") != where:
            say(f'add to pyproject.toml, at [tool.{own[0]}]: extends = "{where}"')
    else:
        _PYRIGHT.write_text(json.dumps({"extends": where}, indent=2) + "\n", encoding="utf-8")
        say(f"{_PYRIGHT}: made")
