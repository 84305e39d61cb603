"""The command `check`: find mistakes in flows without running them."""

from __future__ import annotations

from pathlib import Path

import click

from stripe_flows.engine.check.finding import Finding
from stripe_flows.engine.check.flows import check_flows
from stripe_flows.engine.errors import FlowNotFound
from stripe_flows.engine.flow import FlowFolder
from stripe_flows.engine.nearest import nearest
from stripe_flows.tasks.printable import one_line

from .commands import flows_option
from .output import say


@click.command()
@click.argument("flows", metavar="[FLOW]...", nargs=-1)
@flows_option
@click.pass_context
def check(ctx: click.Context, flows: tuple[str, ...], folder: Path) -> None:
    """Read flows without running them, and report their mistakes.

    Prints a line for each: `file:line:column: message`, or `… note: message` for something that may
    be intended. Exit code 1 if there is a mistake; notes do not count. FLOW: check only these, by
    name or by file; by default all.
    """
    sources, faults = FlowFolder(folder).survey()
    only = {_name(folder, text) for text in flows}
    for name in sorted(only - sources.keys()):
        path = folder / f"{name}.py"
        if path not in faults:
            raise FlowNotFound(f"no flow {name!r} in {folder}{nearest(name, sources)}")
    unread = {_name(folder, str(path)) for path in faults}
    findings = check_flows(sources, only or None, unread)
    unreadable = {
        path: fault
        for path, fault in faults.items()
        if not only or _name(folder, str(path)) in only
    }
    for path, fault in unreadable.items():
        click.echo(f"{path}:1:1: {one_line(fault)}")
    for finding in findings:
        click.echo(_line(folder, finding))
    wrong = len(unreadable) + sum(not finding.note for finding in findings)
    say(f"{_count(len(only) or len(sources) + len(faults), 'flow')}, {_count(wrong, 'mistake')}")
    ctx.exit(1 if wrong else 0)


def _name(folder: Path, text: str) -> str:
    """Return the flow's name from its name or from the path of its file."""
    path = Path(text)
    if path.suffix == ".py" and path.absolute().is_relative_to(folder.absolute()):
        path = path.absolute().relative_to(folder.absolute())
    return path.as_posix().removesuffix(".py")


def _line(folder: Path, finding: Finding) -> str:
    where = f"{folder / finding.flow}.py:{finding.line}:{finding.column}"
    return f"{where}: {'note: ' if finding.note else ''}{one_line(finding.message)}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
