"""The answer to a call: a response, an error, or unknown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

from .types import JSONObject, JSONValue

MAX_IDS = 100
"""The most ids of one answer by which its run can be found."""

# A prefix, and a last part with a digit or a capital: `requires_payment_method` is not an id.
_ID = re.compile(r"[a-z]+(?:_[a-z]+)*_(?=[A-Za-z]*[A-Z0-9])[A-Za-z0-9]{5,}")

# A restricted key's permission, as the message of Stripe's 403 names it. Nothing else of a message
# is shown: it may quote what a customer typed.
_PERMISSION = re.compile(r"\brak_[a-z0-9_]{3,60}\b")

AnswerKind: TypeAlias = Literal["response", "error", "unknown"]


class Answer(BaseModel):
    """The answer to a call."""

    model_config = ConfigDict(frozen=True)

    kind: AnswerKind
    """`response`, `error` (proof that nothing happened) or `unknown`."""
    body: str
    """Stripe's own JSON, or JSON in the same shape if no answer came."""
    http_status: int | None = None
    """The HTTP status; None if no answer came."""
    request_id: str | None = None
    """Stripe's id of the request (`req_…`), if Stripe sent one."""

    @cached_property
    def fields(self) -> JSONObject:
        """The fields of the body, parsed once; empty if the body is not a JSON object."""
        return json_object(self.body) or {}

    @property
    def object_id(self) -> str | None:
        """The id of the object in the answer (`pi_…`), if there is one."""
        found = self.fields.get("id")
        return found if isinstance(found, str) else None

    @property
    def object_ids(self) -> tuple[str, ...]:
        """Every Stripe id in the answer (`pi_…`, `cus_…`), and that of the request (`req_…`).

        Stripe does not promise a form of ids; a string that is not an id does no harm here.
        """
        ids = dict.fromkeys([self.request_id] if self.request_id else [])
        ids |= dict.fromkeys(islice(_ids(self.fields), MAX_IDS))
        return tuple(ids)

    @property
    def reason(self) -> str:
        """One line for logs, Flower and the record.

        It leaves Stripe's message out, which may quote what a customer typed.
        """
        found = self.fields.get("error")
        error = found if isinstance(found, dict) else {}
        parts = [str(error.get("type") or self.kind)]
        parts += [
            f"{name}={error[name]}"
            for name in ("code", "decline_code", "param")
            if isinstance(error.get(name), str) and error[name]
        ]
        if self.http_status is not None:
            parts.append(f"http_status={self.http_status}")
        if self.http_status == 403 and (lacks := _PERMISSION.search(str(error.get("message")))):
            parts.append(f"permission={lacks[0]}")
        if self.request_id:
            parts.append(f"request_id={self.request_id}")
        return " ".join(parts)


def _ids(value: JSONValue) -> Iterator[str]:
    """Yield the ids in their order, without recursion: the answer may be nested deeply."""
    todo = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, str):
            if _ID.fullmatch(one) and "_secret_" not in one:
                yield one
        elif isinstance(one, dict):
            todo += reversed(one.values())
        elif isinstance(one, list):
            todo += reversed(one)


def error_body(error_type: str, message: str, code: str | None = None) -> str:
    """Return the JSON of an error in Stripe's shape, for an error that Stripe did not report."""
    error: JSONObject = {"type": error_type, "message": message}
    if code:
        error["code"] = code
    return json.dumps({"error": error})


def json_object(body: str) -> JSONObject | None:
    """Parse a JSON object. Return None for anything else, and for one nested too deeply to parse.

    Every string in it can be encoded: see `readable`.
    """
    try:
        found = json.loads(readable(body))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def readable(body: str) -> str:
    """Replace each half of a surrogate pair in JSON by `?`: its escapes can hold one, but neither
    UTF-8 nor the sandbox's parser can."""
    if "\\ud" not in body and "\\uD" not in body:
        return body
    try:
        return json.dumps(json.loads(body), ensure_ascii=False).encode(errors="replace").decode()
    except (ValueError, RecursionError):
        return body
