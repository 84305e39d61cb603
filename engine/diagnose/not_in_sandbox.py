"""Messages about Python that the sandbox does not have: modules, methods, options, with replacements.

There is no fixed list of the methods. A run learns of one from the sandbox's error, the check of a text
by asking the sandbox.
"""

from __future__ import annotations

import ast
import datetime
import decimal

from . import monty_messages as monty

MODULES = (
    *("asyncio", "base64", "binascii", "bisect", "collections", "copy", "csv", "dataclasses"),
    *("datetime", "decimal", "functools", "hashlib", "itertools", "json", "math", "os"),
    *("pathlib", "posixpath", "random", "re", "sys", "time", "tomllib", "typing", "unicodedata"),
)
"""The modules of the sandbox. Some of them have only a part of Python's."""

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


def why_absent(name: str) -> str | None:
    """Return why a script does not have the module or its package; None if that is not known."""
    return _ABSENT.get(name.partition(".")[0])


def no_module(name: str) -> str:
    """Return the message for a module that cannot be imported."""
    reason = why_absent(name) or f"there are {', '.join(_USEFUL)} and a few more"
    return f"a script cannot import {name}: {reason}"


def cannot_import(message: str) -> str:
    """Return the message for a name that cannot be imported, from Monty's message."""
    said = monty.UNKNOWN_LOCATION.sub("", message)
    instead = "; timezone.utc is the same" if monty.NO_UTC.search(said) else ""
    return f"a script cannot import that: {said}{instead}"


def no_member(module: str, name: str) -> str:
    """Return the message for an attribute that a module does not have."""
    instead = "; write timezone.utc" if (module, name) == ("datetime", "UTC") else ""
    return f"the module {module} has no {name!r} in a script{instead}"


def no_environment(name: str) -> str | None:
    """Return the message for `os.environ` and the like; None for any other name."""
    if name in _ENVIRONMENT:
        return f"a script has no environment ({name}): what it needs comes in params"
    return None


KINDS: dict[str, tuple[type, str]] = {
    "str": (str, "''"),
    "int": (int, "1"),
    "float": (float, "1.5"),
    "bytes": (bytes, "b''"),
    "dict": (dict, "{}"),
    "list": (list, "[]"),
    "tuple": (tuple, "()"),
    "set": (set, "set()"),
    "datetime.datetime": (datetime.datetime, "datetime.datetime(2000, 1, 1)"),
    "datetime.date": (datetime.date, "datetime.date(2000, 1, 1)"),
    "datetime.timedelta": (datetime.timedelta, "datetime.timedelta(1)"),
    "decimal.Decimal": (decimal.Decimal, "decimal.Decimal(1)"),
}
"""Types by the sandbox's names, each with Python's type and with a value as a script writes it."""

_EPOCH = "datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=…)"
_INSTEAD = {
    **dict.fromkeys(("fromtimestamp", "utcfromtimestamp"), _EPOCH),
    **dict.fromkeys(("utcnow", "today"), "datetime.now(timezone.utc)"),
    **dict.fromkeys(("ctime", "timetuple", "utctimetuple"), "strftime('%Y-%m-%d %H:%M:%S')"),
    "isocalendar": "strftime('%G-W%V')",
    "toordinal": "(day - date(1970, 1, 1)).days",
    **dict.fromkeys(("translate", "maketrans"), "replace(…)"),
    "format_map": "an f-string",
    "is_integer": "x == int(x)",
    "bit_length": "len(bin(x)) - 2",
}


def has_python(kind: str, name: str) -> bool:
    """Return whether Python's type has the method."""
    return kind in KINDS and name[:1] != "_" and callable(getattr(KINDS[kind][0], name, None))


def kinds_with(name: str) -> list[str]:
    """Return the types that have the method in Python."""
    return [kind for kind in KINDS if has_python(kind, name)]


def script_that_calls(value: str, name: str) -> str:
    """Return a script that ends well if the value that `value` writes has the method in the sandbox."""
    return (
        f"import datetime, decimal\ntry:\n    {value}.{name}()\n"
        "except AttributeError:\n    raise\nexcept Exception:\n    pass\n"
    )


def script_that_dumps(option: str) -> str:
    """Return a script that ends well if the sandbox's `json.dumps` has the option."""
    return (
        f"import json\ntry:\n    json.dumps(1, {option}=None)\n"
        f"except TypeError as error:\n    if {monty.UNEXPECTED!r} in str(error):\n        raise\n"
    )


def no_python_method(name: str) -> str:
    """Return the message for a method that Python has and the sandbox has not."""
    instead = f"; write {_INSTEAD[name]}" if name in _INSTEAD else ""
    return f"{name}() is not there: the sandbox does not have it, though Python does{instead}"


def no_bare_method(method: ast.Attribute) -> str:
    """Return the message for a method that is passed on without being called.

    The sandbox has methods only in calls.
    """
    holder = ast.unparse(method.value)
    call = f"x.{method.attr}()" if holder in KINDS else f"{holder}.{method.attr}(x)"
    return f"{holder}.{method.attr} is there only with its brackets; use a lambda: lambda x: {call}"


def no_json_option(name: str) -> str:
    """Return the message for an option of `json.dumps` that the sandbox does not have."""
    what = "; turn other values into strings before, such as str(x)" if name == "default" else ""
    return f"json.dumps() does not take {name!r} in a script{what}"


NO_FUNCTION_IN_SUB = "re.sub() takes no function in a script: go through re.finditer(…) instead"
NO_NEXT = (
    "next() takes no list, and (… for …) makes a list here; "
    "the first is ([x for x in … if …] or [None])[0]"
)
