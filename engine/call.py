"""A call: one intended Stripe request, as a script recorded it and as it will go out."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from .types import JSONObject


class Call(BaseModel):
    """One intended Stripe request, frozen when its script commits.

    `path` begins with `/v1/`. `body` is the encoded form (for GET and DELETE: the query). `request`
    is what the script set, as Stripe's parameters. `secret` is never a key: see `SecretSource`.
    `idempotency_key` is the caller's own; None means the call's id. `then` and `on_error` name the
    flows that continue it: see `engine.continuation`.
    `next_page`: it asks for the page behind the one that its script continued, and so its own
    continuation goes no step deeper.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    operation: str
    method: Literal["GET", "POST", "DELETE"]
    path: str
    body: str
    request: JSONObject
    stripe_version: str
    stripe_account: str | None = None
    idempotency_key: str | None = None
    secret: SecretSource
    worker_id: str
    context_id: str
    params: JSONObject
    then: str | None = None
    on_error: str | None = None
    line: int | None = None
    next_page: bool = False


class SecretSource(BaseModel):
    """Where a call's key comes from: the script's own, a reference, or a text found in the script.

    `own` is the `stripe_secret` that was in the script's scope. `reference` names an environment
    variable of the worker (the NAME of `env:NAME`). `literal` is a key that stood in the script; the
    caller of the engine has to seal it before it goes anywhere. `sealed` is such a sealed key.
    `repr` shows none of them.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    kind: Literal["own", "reference", "literal", "sealed"]
    value: str = ""

    def __repr__(self) -> str:
        return f"SecretSource({self.kind}, {self.value if self.kind == 'reference' else '***'})"

    __str__ = __repr__


Call.model_rebuild()
