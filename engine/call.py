"""A call: one intended Stripe request, as a script recorded it and as it will be sent."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from .types import JSONObject


class Call(BaseModel):
    """One intended Stripe request, frozen when its script commits."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    operation: str
    """Verb and resource: `create_payment_intent`."""
    method: Literal["GET", "POST", "DELETE"]
    """The HTTP method."""
    path: str
    """The path of the request, beginning with `/v1/`."""
    body: str
    """The encoded form; of a GET or DELETE, the query."""
    request: JSONObject
    """The parameters that the script set, by Stripe's names."""
    stripe_version: str
    """The header `Stripe-Version`."""
    stripe_account: str | None = None
    """The connected account of the header `Stripe-Account`."""
    idempotency_key: str | None = None
    """The caller's own key; None means the id of the call."""
    secret: SecretSource
    """The source of the Stripe key, never the key itself."""
    worker_id: str
    """The workers that send the request and run its continuation."""
    context_id: str
    """The caller's name for the piece of business."""
    params: JSONObject
    """The `params` of the continuation."""
    then: str | None = None
    """The name of the flows that continue the call: see `engine.continuation`."""
    on_error: str | None = None
    """The name of the flow that continues an error."""
    line: int | None = None
    """The line of the script that made the call, from 1; None if it is not known."""
    next_page: bool = False
    """It asks for the next page of its script's answer, so its continuation is not a step deeper."""


class SecretSource(BaseModel):
    """The source of a call's Stripe key. `repr` does not show its value."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    kind: Literal["own", "reference", "literal", "sealed"]
    """`own`: the `stripe_secret` in the script's scope. `reference`: an environment variable of the
    worker. `literal`: a key in the script's text, which the engine's caller has to seal before it
    stores the call. `sealed`: such a key, sealed."""
    value: str = ""
    """The NAME of `env:NAME`, the key or the sealed key; empty for `own`."""

    def __repr__(self) -> str:
        return f"SecretSource({self.kind}, {self.value if self.kind == 'reference' else '***'})"

    __str__ = __repr__


Call.model_rebuild()
