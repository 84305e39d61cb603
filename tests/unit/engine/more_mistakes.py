"""Further mistakes of newcomers, and what they are told; test_common_mistakes.py makes them."""

from __future__ import annotations

NOT_THERE = "is not there: the sandbox does not have it, though Python does"

SANDBOX = [
    # what Python's own types have and the sandbox's do not
    (
        "from datetime import datetime; datetime.fromtimestamp(1)",
        f"fromtimestamp() {NOT_THERE}; write datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta",
    ),
    ("import datetime; datetime.datetime.utcfromtimestamp(1)", f"utcfromtimestamp() {NOT_THERE}"),
    ("from datetime import date; date.fromtimestamp(1)", f"fromtimestamp() {NOT_THERE}"),
    (
        "from datetime import datetime; datetime.utcnow()",
        f"utcnow() {NOT_THERE}; write datetime.now(timezone.utc)",
    ),
    ("from datetime import datetime as d; d.today()", f"today() {NOT_THERE}"),
    ("from datetime import date; date.today().isocalendar()", f"isocalendar() {NOT_THERE}"),
    ("from datetime import date; date.today().toordinal()", f"toordinal() {NOT_THERE}"),
    ("from datetime import datetime; datetime.now().timetuple()", f"timetuple() {NOT_THERE}"),
    ("from datetime import datetime; datetime.now().ctime()", f"ctime() {NOT_THERE}"),
    ("'a'.translate({})", f"translate() {NOT_THERE}; write replace(…)"),
    ("str.maketrans('a', 'b')", f"maketrans() {NOT_THERE}"),
    ("x = '{a}'; x.format_map({'a': 1})", f"format_map() {NOT_THERE}; write an f-string"),
    ("x = 3; x.bit_length()", f"bit_length() {NOT_THERE}"),
    ("x = 3; x.to_bytes(2, 'big')", f"to_bytes() {NOT_THERE}"),
    ("x = 1.5; x.is_integer()", f"is_integer() {NOT_THERE}; write x == int(x)"),
    (
        "d = {'a': 1}; max(d, key=d.get)",
        "d.get is there only with its brackets; use a lambda: lambda x: d.get(x)",
    ),
    (
        "sorted(['b', 'A'], key=str.lower)",
        "str.lower is there only with its brackets; use a lambda: lambda x: x.lower()",
    ),
    ("max(params, key=params.get)", "use a lambda: lambda x: params.get(x)"),
    ("from datetime import UTC", "cannot import name 'UTC' from 'datetime'; timezone.utc is the"),
    ("import datetime; datetime.UTC", "has no 'UTC' in a script; write timezone.utc"),
    ("print(UTC)", "'UTC' is not defined; write timezone.utc: from datetime import timezone"),
    (
        "import json; json.dumps({}, default=str)",
        "json.dumps() does not take 'default' in a script; turn what is no JSON into texts before",
    ),
    (
        "import re; re.sub('a', lambda m: 'b', 'a')",
        "re.sub() takes no function in a script: go through re.finditer(…) instead",
    ),
    # lists that Python would have as generators
    (
        "next((x for x in [1, 2] if x > 1), None)",
        "next() takes no list, and (… for …) makes a list here; the first is "
        "([x for x in … if …] or [None])[0]",
    ),
    ("g = (x for x in [1]); next(g)", "next() takes no list"),
]
