"""What Python's own types have and the sandbox's do not, and what to write in its place.

Which methods these are nobody lists: a run learns it from the sandbox's error, the check by asking.
"""

from __future__ import annotations

import ast
import datetime
import decimal

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
    """Whether Python's type has the method."""
    return kind in KINDS and name[:1] != "_" and callable(getattr(KINDS[kind][0], name, None))


def kinds_with(name: str) -> list[str]:
    """The types of which Python's have the method."""
    return [kind for kind in KINDS if has_python(kind, name)]


def question(value: str, name: str) -> str:
    """A text that ends well in the sandbox if what `value` writes has the method there."""
    return (
        f"import datetime, decimal\ntry:\n    {value}.{name}()\n"
        "except AttributeError:\n    raise\nexcept Exception:\n    pass\n"
    )


def no_method(name: str) -> str:
    """Of a method that Python has and the sandbox has not."""
    instead = f"; write {_INSTEAD[name]}" if name in _INSTEAD else ""
    return f"{name}() is not there: the sandbox does not have it, though Python does{instead}"


def no_brackets(method: ast.Attribute) -> str:
    """Of a method of a value or of a built-in type that is handed on without being called: the
    sandbox has methods only where they are called."""
    holder = ast.unparse(method.value)
    call = f"x.{method.attr}()" if holder in KINDS else f"{holder}.{method.attr}(x)"
    return f"{holder}.{method.attr} is there only with its brackets; use a lambda: lambda x: {call}"


def no_json_option(name: str) -> str:
    """Of an option of `json.dumps` that the sandbox's has not."""
    what = "; turn what is no JSON into texts before, such as str(x)" if name == "default" else ""
    return f"json.dumps() does not take {name!r} in a script{what}"


NO_FUNCTION_IN_SUB = "re.sub() takes no function in a script: go through re.finditer(…) instead"
NO_NEXT = (
    "next() takes no list, and (… for …) makes a list here; "
    "the first is ([x for x in … if …] or [None])[0]"
)
