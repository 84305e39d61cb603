"""The page about the journal's keys says what the code does: read from both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from stripe_flows.tasks.journal import keys, run_fields
from stripe_flows.tasks.journal.item_state import StoredState

JOURNAL = Path(__file__).parents[3] / "tasks/journal"
PAGE = (JOURNAL / "layout.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """Return the text below a heading of the page."""
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(title: str) -> Iterator[list[str]]:
    """Return the cells of each row of the table below a heading, without the head."""
    for line in section(title).splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def documented(title: str) -> set[str]:
    """Return the names in the first column, without what varies: `r:<run_id>` is `r:`."""
    return {row[0].strip("`").partition("<")[0] for row in rows(title)}


def scripts() -> Iterator[str]:
    """Return the code of every script, without its comments."""
    for script in sorted(JOURNAL.glob("*.lua")):
        yield re.sub(r"--.*", "", script.read_text(encoding="utf-8"))


def python_keys() -> set[str]:
    """Return the names of keys.py."""
    fixed = {
        value.removeprefix(keys.PREFIX)
        for name, value in vars(keys).items()
        if name.isupper() and name != "PREFIX"
    }
    made = {
        function("\0").removeprefix(keys.PREFIX).partition("\0")[0].partition("<")[0]
        for name, function in vars(keys).items()
        if name.endswith("_key") and name != "object_key"
    }
    return fixed | made | {keys.object_key("x").removeprefix(keys.PREFIX).partition(":")[0] + ":"}


def lua_keys() -> set[str]:
    return {name for code in scripts() for name in re.findall(r"P \.\. '([^']+)'", code)}


def test_every_key_of_the_code_is_on_the_page_and_the_other_way_round() -> None:
    assert documented("Keys") == python_keys() | lua_keys()


def test_every_field_of_a_runs_hash_is_on_the_page_and_the_other_way_round() -> None:
    table = list(rows("Fields of a run's hash"))
    named = {row[1].strip("`"): row[0].strip("`") for row in table if row[1].startswith("`")}
    named = {name: field for name, field in named.items() if "+" not in name}
    constants = {
        name: value
        for name, value in vars(run_fields).items()
        if name.isupper() and isinstance(value, str)
    }
    assert {
        name: field.replace("<item_id>", "").replace("<kind>", "") for name, field in named.items()
    } == constants


def test_every_field_that_a_script_uses_is_a_constant() -> None:
    constants = {value for name, value in vars(run_fields).items() if name.isupper()}
    used: set[str] = set()
    for code in scripts():
        used |= set(re.findall(r"'H(?:GET|DEL|EXISTS|INCRBY|SET)', run_key, '([a-z:]+)'", code))
        for many in re.findall(r"'H(?:MGET|SET)', run_key, ('.*)\)", code):
            used |= set(re.findall(r"'([a-z:]+)'", many))
        used |= set(re.findall(r"item_id \.\. '([^'])'", code))
    assert {field if field[:2] != "w:" else "w:" for field in used} <= constants
    assert {"o", "h", "n", "fc", "x", "e", "f", "m", "ml", "b", "c", "!", "@", "~"} <= used


def test_the_parts_of_an_items_state_are_the_same_in_lua_python_and_on_the_page() -> None:
    lib = (JOURNAL / "lib.lua").read_text(encoding="utf-8")
    found = re.search(r"local FIELDS = \{(.*?)\}", lib, re.DOTALL)
    assert found is not None
    lua = tuple(re.findall(r"'(\w+)'", found[1]))
    assert lua == StoredState._fields
    assert tuple(row[0].strip("`") for row in rows("Parts of an item's state")) == lua


def test_no_script_uses_a_part_that_has_no_name() -> None:
    used = {
        part
        for code in scripts()
        for part in re.findall(r"\b(?:x|child|kept)\.(\w+)\b", code)
        if part != "more"
    }
    assert used <= set(StoredState._fields)


def test_every_step_that_the_page_names_is_a_script() -> None:
    steps = {script.stem.upper() for script in JOURNAL.glob("*.lua")} - {"LIB"}
    named = set(re.findall(r"\b[A-Z]{4,}\b", re.sub(r"`[^`]*`", "", PAGE)))
    assert named - {"JSON"} == steps
