"""The two ends at which the tests are run: what pyproject.toml promises, and what is installed."""

from __future__ import annotations

import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]


def pins(name: str) -> dict[str, str]:
    lines = (ROOT / name).read_text().splitlines()
    found = (line.split("==") for line in lines if not line.startswith("#"))
    return {str(canonicalize_name(package)): version for package, version in found}


def promised() -> list[Requirement]:
    """What is needed at run time, with its bounds."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    texts = list(project["dependencies"])
    for extra in ("worker", "flower", "local"):
        texts += project["optional-dependencies"][extra]
    found = [Requirement(text) for text in texts]
    return [one for one in found if one.name != "stripe-flows"]


def test_the_oldest_versions_are_the_lower_bounds() -> None:
    oldest = pins("constraints-oldest.txt")
    for one in promised():
        lower = {spec.version for spec in one.specifier if spec.operator == ">="}
        assert lower, f"{one} has no lower bound"
        assert {oldest[str(canonicalize_name(one.name))]} == lower, one


def test_the_newest_versions_are_within_the_bounds() -> None:
    newest = pins("constraints.txt")
    for one in promised():
        assert one.specifier.contains(newest[str(canonicalize_name(one.name))]), one
