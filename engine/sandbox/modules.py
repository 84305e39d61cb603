"""What a script can import, and what to say of what it cannot."""

from __future__ import annotations

MODULES = (
    *("asyncio", "base64", "binascii", "bisect", "collections", "copy", "csv", "dataclasses"),
    *("datetime", "decimal", "functools", "hashlib", "itertools", "json", "math", "os"),
    *("pathlib", "posixpath", "random", "re", "sys", "time", "tomllib", "typing", "unicodedata"),
)
"""The modules of the sandbox, as far as they go there."""

_USEFUL = ("datetime", "decimal", "json", "math", "random", "re", "time")

_NO_NETWORK = "a script has no network, it only records calls to Stripe"
_ABSENT = {
    "stripe": (
        "builders stand in its place, "
        "stripe.Refund.create(…) is written new_refund().….create_async()"
    ),
    "stripe_flows": "builders and the other names of a script are there without an import",
    "flows": "flows do not import one another, params hand on what the next one needs",
    **dict.fromkeys(
        ("requests", "httpx", "aiohttp", "urllib", "urllib3", "http", "socket", "smtplib"),
        _NO_NETWORK,
    ),
    **dict.fromkeys(("logging", "logger", "console"), "print() writes into the run's output"),
    **dict.fromkeys(("uuid", "secrets"), "a script runs again the same; use context_id or params"),
    **dict.fromkeys(
        ("subprocess", "shutil", "tempfile", "glob", "sqlite3"),
        "a script has no files or processes",
    ),
    "os": "a script has no environment and no files, what it needs comes in params",
    "Path": "a script has no files",
    **dict.fromkeys(("celery", "redis", "django", "flask"), "a script sees only what params hold"),
}
_ENVIRONMENT = ("os.environ", "os.getenv", "os.environb")


def absent(name: str) -> str | None:
    """Why a script does not have the module (or the package within which it is), if that is known."""
    return _ABSENT.get(name.partition(".")[0])


def no_module(name: str) -> str:
    """Of a module that cannot be imported."""
    reason = absent(name) or f"there are {', '.join(_USEFUL)} and a few more"
    return f"a script cannot import {name}: {reason}"


def cannot_import(message: str) -> str:
    """Of a name that cannot be imported, from what the sandbox says of it."""
    said = message.removesuffix(" (unknown location)")
    instead = "; timezone.utc is the same" if "'UTC' from 'datetime'" in said else ""
    return f"a script cannot import that: {said}{instead}"


def no_member(module: str, name: str) -> str:
    """Of something asked of a module that has it not."""
    instead = "; write timezone.utc" if (module, name) == ("datetime", "UTC") else ""
    return f"the module {module} has no {name!r} in a script{instead}"


def no_part(name: str) -> str | None:
    """Of `os.environ` and the like; None for what is there."""
    if name in _ENVIRONMENT:
        return f"a script has no environment ({name}): what it needs comes in params"
    return None
