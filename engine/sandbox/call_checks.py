"""Check the recorded calls: each record becomes a call, or a list of its mistakes.

The checks run here, on the host, once for each call, since a script's process is not trusted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

from stripe_flows.engine.call import Call, SecretSource
from stripe_flows.engine.continuation import Continuations
from stripe_flows.engine.names import (
    context_id_fault,
    idempotency_key_fault,
    stripe_account_fault,
    worker_id_fault,
)
from stripe_flows.engine.nearest import nearest
from stripe_flows.engine.params import params_json, size_fault
from stripe_flows.engine.scope import CallFacts, Scope
from stripe_flows.engine.stripe.catalog import Builder, Catalog, Operation
from stripe_flows.engine.stripe.check import mistakes
from stripe_flows.engine.stripe.form import encode_form, without_none
from stripe_flows.engine.stripe.path import fill, path_faults
from stripe_flows.engine.stripe.values import FOREIGN, with_unix_times
from stripe_flows.engine.types import JSONObject, JSONValue

from .call_warnings import call_warnings
from .pages import PAGED, has_more, is_page, next_request
from .records import Recorded
from .secret import read_secret

MAX_BODY = 256 * 1024
"""Limit of a request's encoded body, in bytes."""

MAX_NESTING = 64
"""Limit of lists and dicts within one another, in parameters and params."""

FILES = "as multipart or binary data"

NO_CALL = CallFacts(id="", operation="", request={}, attempts=0)


@dataclass(frozen=True)
class Wrong:
    """A mistake in a call. `step` is the step of the script at which it was made (0: not counted).

    `text` says what is wrong. It is empty for a setter that `builder` does not have: `setter` names it.
    """

    step: int
    text: str
    builder: Builder | None = None
    setter: str = ""


@dataclass(frozen=True)
class Warned:
    """Something about a call that looks wrong and may be right. `line` is the line of the call."""

    line: int | None
    text: str


class CallChecker:
    """Turns records into calls. Mistakes are collected in `wrong`, doubtful things in `warnings`."""

    def __init__(self, catalog: Catalog, scope: Scope, continuations: Continuations) -> None:
        self._catalog = catalog
        self._scope = scope
        self._continuations = continuations
        self._keys: dict[str, tuple[str, ...]] = {}
        self._paged = False
        self._line: int | None = None
        self.wrong: list[Wrong] = []
        self.warnings: list[Warned] = []

    def call(self, record: Recorded, line: int | None) -> Call | None:
        """Return the call, or None if anything is wrong with it."""
        before = len(self.wrong)
        self._line = line
        if _is_deep([record.ids, record.request, record.params]):
            self._say(record, "a value", f"is nested more than {MAX_NESTING} deep")
            return None
        if record.marked:
            record = replace(record, params=with_unix_times(record.params))
        if record.builder is None:
            facts = self._scope.answered.call if self._scope.answered is not None else NO_CALL
            record = replace(
                record,
                then=facts.then,
                on_error=facts.on_error,
                stripe_account=facts.stripe_account,
            )
            meant = self._next_page(record)
        else:
            meant = self._meant(record, record.builder)
        own = self._scope
        worker_id = own.worker_id if record.worker_id is None else record.worker_id
        context_id = own.context_id if record.context_id is None else record.context_id
        self._say(record, "worker_id", worker_id_fault(worker_id))
        self._say(record, "context_id", context_id_fault(context_id))
        for name, fault in (
            ("idempotency_key", idempotency_key_fault),
            ("stripe_account", stripe_account_fault),
        ):
            value = getattr(record, name)
            self._say(record, name, None if value is None else fault(value))
        secret = read_secret(record.secret)
        if secret is None:
            self._say(
                record,
                "stripe_secret",
                "must be the script's own stripe_secret, a string 'env:STRIPE_…' or a secret key",
            )
        params = own.params if record.params is None else record.params
        self._say(record, "params", _params_fault(params))
        self._say(record, "then", self._continuations.then_fault(record.then))
        self._say(record, "on_error", self._continuations.on_error_fault(record.on_error))
        if len(self.wrong) > before or meant is None:
            return None
        operation, path, request = meant
        if record.builder is not None:
            for text in call_warnings(record, operation, request, self._continuations):
                self._warn(f"{operation.called}: {text}")
        body = encode_form(request)
        if len(body) > MAX_BODY:
            self._say(record, "the request", f"is {len(body):,} bytes; the limit is {MAX_BODY:,}")
            return None
        self._key(record, operation, path, body)
        assert isinstance(secret, SecretSource)
        return Call(
            operation=operation.name,
            method=operation.method,
            path=path,
            body=body,
            request=request,
            stripe_version=self._catalog.api_version,
            stripe_account=cast("str | None", record.stripe_account),
            idempotency_key=cast("str | None", record.idempotency_key),
            secret=secret,
            worker_id=cast("str", worker_id),
            context_id=cast("str", context_id),
            params=cast("JSONObject", params),
            then=cast("str | None", record.then),
            on_error=cast("str | None", record.on_error),
            line=line,
            next_page=record.builder is None,
        )

    def _meant(
        self, record: Recorded, builder: Builder
    ) -> tuple[Operation, str, JSONObject] | None:
        """Return the operation that a builder's record means, its path and its parameters."""
        names = builder.verbs[record.verb]
        name = names.get(len(record.ids)) or names[max(names)]
        operation = self._catalog.operations[name]
        before = len(self.wrong)
        if operation.host != "api":
            text = f"{operation.called} is not reached: Stripe takes it on another host, {FILES}"
            self.wrong.append(Wrong(record.step, text))
            return None
        for fault in path_faults(operation, record.ids):
            self.wrong.append(Wrong(record.step, fault))
        request = without_none(record.request)
        self._parameters(record, operation, request)
        if len(self.wrong) > before:
            return None
        if record.marked:
            request = {name: with_unix_times(member) for name, member in request.items()}
        return operation, fill(operation, record.ids), request

    def _parameters(self, record: Recorded, operation: Operation, request: JSONObject) -> None:
        for name in record.unknown:
            self.wrong.append(Wrong(_step(record, name), "", record.builder, name))
        if not all(isinstance(name, str) for name in record.unchecked):
            self._say(record, "unchecked()", "takes the parameter's name as a string")
        unchecked = frozenset(name for name in record.unchecked if isinstance(name, str))
        for mistake in mistakes(self._catalog, operation, request, unchecked):
            if mistake.doubt:
                self._warn(mistake.text)
                continue
            if mistake.missing is None or not nearest(mistake.missing, record.unknown):
                self.wrong.append(Wrong(_step(record, mistake.parameter), mistake.text))

    def _next_page(self, record: Recorded) -> tuple[Operation, str, JSONObject] | None:
        """Return the call that asks for the page after the one that the script continues."""
        answered = self._scope.answered
        if answered is None or not is_page(answered) or not has_more(answered):
            self.wrong.append(Wrong(record.step, "next_page(): there is no page after this one"))
            return None
        request = next_request(answered)
        if isinstance(request, str):
            self.wrong.append(Wrong(record.step, f"next_page(): {request}"))
            return None
        if self._paged:
            self.wrong.append(Wrong(record.step, PAGED))
            return None
        self._paged = True
        return self._catalog.operations[answered.call.operation], answered.call.path, request

    def _key(self, record: Recorded, operation: Operation, path: str, body: str) -> None:
        key = record.idempotency_key
        if not isinstance(key, str):
            return
        # It has no effect on a GET or a DELETE, so two such calls may share one.
        post = operation.method == "POST"
        if post and self._keys.setdefault(key, (path, body)) != (path, body):
            self._say(record, "idempotency_key", "is that of another call of this script")

    def _warn(self, text: str) -> None:
        self.warnings.append(Warned(self._line, text))

    def _say(self, record: Recorded, what: str, fault: str | None) -> None:
        if fault is not None:
            self.wrong.append(Wrong(record.step, f"{record.called}: {what} {fault}"))


def _step(record: Recorded, name: str | None) -> int:
    """Return the step that set `name`; that of the verb if it was not set."""
    step = record.steps.get(name) if name else None
    return step if isinstance(step, int) else record.step


def _params_fault(params: JSONValue) -> str | None:
    if not isinstance(params, dict) or FOREIGN in params:
        return "must be a dict"
    try:
        text = params_json(params)
    except ValueError:
        return "must be plain JSON"
    if "\\u0000type" in text and _holds_foreign(params):
        return "may hold only strings, numbers, booleans, None, lists and dicts"
    return size_fault(text)


def _is_deep(values: list[JSONValue]) -> bool:
    level = values
    for _ in range(MAX_NESTING + 1):
        members: list[JSONValue] = []
        for value in level:
            if isinstance(value, dict):
                members += value.values()
            elif isinstance(value, list):
                members += value
        if not members:
            return False
        level = members
    return True


def _holds_foreign(value: JSONValue) -> bool:
    if isinstance(value, dict):
        return FOREIGN in value or any(map(_holds_foreign, value.values()))
    return isinstance(value, list) and any(map(_holds_foreign, value))
