"""The command that reads flows before they run: `check`."""

from __future__ import annotations

from pathlib import Path

import click

from stripe_flows.engine.check.finding import Finding
from stripe_flows.engine.check.flows import check_flows
from stripe_flows.engine.errors import FlowNotFound, nearest
from stripe_flows.engine.flow import FlowFolder
from stripe_flows.tasks.cli_common import flows_option, say
from stripe_flows.tasks.printable import one_line


@click.command()
@click.argument("flows", metavar="[FLOW]...", nargs=-1)
@flows_option
@click.pass_context
def check(ctx: click.Context, flows: tuple[str, ...], folder: Path) -> None:
    """Read flows without running them, and tell their mistakes.

    A line each: `file:line:column: message`, or `… note: message` for what may well be meant. Exit
    code 1 if there is a mistake; notes are none. FLOW: only these, by name; all without one.
    """
    found, texts = FlowFolder(folder).read()
    for name in flows:
        if name not in found:
            raise FlowNotFound(f"no flow {name!r} in {folder}{nearest(name, found)}")
    sources = {name: texts[sha] for name, sha in found.items()}
    findings = check_flows(sources, frozenset(flows) or None)
    for finding in findings:
        click.echo(_line(folder, finding))
    wrong = sum(not finding.note for finding in findings)
    say(f"{_count(len(flows) or len(sources), 'flow')}, {_count(wrong, 'mistake')}")
    ctx.exit(1 if wrong else 0)


def _line(folder: Path, finding: Finding) -> str:
    where = f"{folder / finding.flow}.py:{finding.line}:{finding.column}"
    return f"{where}: {'note: ' if finding.note else ''}{one_line(finding.message)}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
