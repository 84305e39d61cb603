"""An answer: what came of a call."""

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
"""Ids in the body of one answer by which its run is found, at most."""

# A prefix, and a last part with a digit or a capital: so `requires_payment_method` is none.
_ID = re.compile(r"[a-z]+(?:_[a-z]+)*_(?=[A-Za-z]*[A-Z0-9])[A-Za-z0-9]{5,}")

# A restricted key's permission, as Stripe's message of a 403 names it. Nothing else of a message is
# taken over: it may quote what a customer typed.
_PERMISSION = re.compile(r"\brak_[a-z0-9_]{3,60}\b")

AnswerKind: TypeAlias = Literal["response", "error", "unknown"]


class Answer(BaseModel):
    """What came of a call.

    `kind`: a response, an error (proof that nothing happened) or unknown. `body` is Stripe's own
    JSON text, or one in Stripe's shape where no answer came. `saved`: Stripe keeps this answer under
    the call's key, so it is the truth whoever brings it.
    """

    model_config = ConfigDict(frozen=True)

    kind: AnswerKind
    body: str
    saved: bool
    http_status: int | None = None
    request_id: str | None = None

    @cached_property
    def fields(self) -> JSONObject:
        """The body, read once; empty where it is no object."""
        return json_object(self.body) or {}

    @property
    def object_id(self) -> str | None:
        """The id of the object that Stripe answered with (`pi_…`), if there is one."""
        found = self.fields.get("id")
        return found if isinstance(found, str) else None

    @property
    def object_ids(self) -> tuple[str, ...]:
        """Every Stripe id in the answer (`pi_…`, `cus_…`), and the request's (`req_…`).

        What an id looks like is not a contract; a text that is none does no harm here.
        """
        ids = dict.fromkeys([self.request_id] if self.request_id else [])
        ids |= dict.fromkeys(islice(_ids(self.fields), MAX_IDS))
        return tuple(ids)

    @property
    def reason(self) -> str:
        """One line for logs, Flower and the record: what was refused, without Stripe's message.

        The message is left out on purpose: it may quote what a customer typed.
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
    """In the order in which they stand. Without recursion: Stripe is not the only one to nest."""
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
    """The JSON text of an error in Stripe's shape, for what Stripe did not say itself."""
    error: JSONObject = {"type": error_type, "message": message}
    if code:
        error["code"] = code
    return json.dumps({"error": error})


def json_object(body: str) -> JSONObject | None:
    """The JSON object that the text is; None where it is none, or too deeply nested to be read.

    Every text in it can be written: see `readable`.
    """
    try:
        found = json.loads(readable(body))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def readable(body: str) -> str:
    """The JSON text with a `?` for each half of a surrogate pair: JSON's escapes can say one, and
    neither UTF-8 nor the sandbox's parser can."""
    if "\\ud" not in body and "\\uD" not in body:
        return body
    try:
        return json.dumps(json.loads(body), ensure_ascii=False).encode(errors="replace").decode()
    except (ValueError, RecursionError):
        return body
