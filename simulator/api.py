"""Answer a request to `/v1/`, in Stripe's order.

Record the request → faults at arrival → API key → saved answer, or claim the idempotency key →
parameters → execute, whole or not at all → save the answer → answer, or lose the answer. A request
goes on when its client disconnects, as at Stripe.
"""

from __future__ import annotations

import asyncio
import re

from stripe_flows.simulator.objects.events import RequestCause
from stripe_flows.simulator.objects.ids import new_request_id
from stripe_flows.simulator.objects.store import copied, encode
from stripe_flows.simulator.operations.dispatch import carry_out
from stripe_flows.simulator.operations.expand import expand
from stripe_flows.simulator.requests.faults import (
    HOLD_SECONDS,
    SLOW_SECONDS,
    Rule,
    Stage,
    fault_answer,
)
from stripe_flows.simulator.requests.form import Form, parse_form
from stripe_flows.simulator.requests.idempotency import Claim, SavedAnswer
from stripe_flows.simulator.requests.keys import key_fingerprint, key_problem, scheme, sent_key
from stripe_flows.simulator.requests.ledger import Entry
from stripe_flows.simulator.requests.parameters import ParameterReader
from stripe_flows.simulator.requests.router import Route

from .http import HttpOutcome, HttpRequest, HttpResponse, Reset, Silence
from .problems import Problem, invalid_request
from .settling import settle_due
from .simulation import Simulation
from .types import Fields

_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(\.\w+)?(; ?\w+=\w+)*")


class Api:
    """Answers requests to `/v1/`. `latency`: seconds that every execution takes."""

    def __init__(self, simulation: Simulation, *, latency: float = 0.0) -> None:
        self._simulation = simulation
        self._latency = latency
        self._reader = ParameterReader(simulation.catalog)

    async def answer(self, request: HttpRequest) -> HttpOutcome:
        """Return the response to a request, or how its connection ends without one."""
        route = self._simulation.router.find(request.method, request.path)
        entry = self._book(request, route)
        rule = self._draw(Stage.ARRIVAL, entry)
        if rule is not None and rule.kind in ("timeout_before", "reset_before"):
            return _cut(rule)
        try:
            if rule is not None:
                raise fault_answer(rule)
            refused = key_problem(sent_key(request.headers.get("Authorization")))
            if refused is not None:
                raise refused
            reply = await self._answer(request, route, entry)
        except Problem as problem:
            reply = self._refusal(problem, entry)
        lost = self._draw(Stage.ANSWER, entry)
        if lost is not None:
            return _cut(lost)
        entry.status = reply.status
        return reply

    async def _answer(
        self, request: HttpRequest, route: Route | None, entry: Entry
    ) -> HttpResponse:
        if route is None:
            raise invalid_request(
                f"Unrecognized request URL ({request.method}: {request.path}).", status=404
            )
        if entry.stripe_version and _VERSION.fullmatch(entry.stripe_version) is None:
            raise invalid_request(f"Invalid Stripe API version: {entry.stripe_version}")
        form = parse_form(entry.query) | parse_form(entry.body)
        if request.method != "POST" or not entry.idempotency_key:
            return await self._execute(route, form, entry, None)
        claimed = self._simulation.answers.claim(
            entry.idempotency_key,
            account=entry.stripe_account,
            endpoint=f"{request.method} {request.path}",
            form=form,
        )
        if isinstance(claimed, SavedAnswer):
            entry.replayed = True
            return self._replay(claimed, entry)
        try:
            return await self._execute(route, form, entry, claimed)
        finally:
            self._simulation.answers.release(claimed)

    async def _execute(
        self, route: Route, form: Form, entry: Entry, claim: Claim | None
    ) -> HttpResponse:
        params = self._reader.read(route.operation, form)
        wait = self._latency
        slow = self._draw(Stage.EXECUTION, entry)
        if slow is not None:
            wait += SLOW_SECONDS if slow.seconds is None else slow.seconds
        if wait:
            await asyncio.sleep(wait)
        try:
            body = self._carry_out(route, params, entry)
        except Problem as problem:
            if not problem.saved:
                raise
            reply = self._refusal(problem, entry)
        else:
            reply = HttpResponse(200, self._headers(entry), body)
        failure = self._draw(Stage.EFFECT, entry) if entry.executed else None
        if failure is not None:
            reply = self._refusal(fault_answer(failure), entry)
        if claim is not None:
            self._simulation.answers.save(
                claim, request_id=entry.request_id, status=reply.status, body=reply.body
            )
        self._simulation.state.commit()
        return reply

    def _carry_out(self, route: Route, params: Fields, entry: Entry) -> bytes:
        worlds = self._simulation.worlds
        world = worlds.of(entry.stripe_account)
        world.cause = RequestCause()
        if settle_due(world):
            worlds.commit()
        world.cause = RequestCause(entry.request_id, entry.idempotency_key)
        paths = params.pop("expand", None)
        try:
            answer = carry_out(route.operation, world, params, route.ids)
            if paths:
                answer = copied(answer)
                expand(answer, paths, world.store)
        except Problem as problem:
            if problem.effect is None:
                worlds.drop()
            else:
                worlds.commit()
                self._had_effect(entry, problem.effect)
            raise
        except BaseException:
            worlds.drop()
            raise
        if entry.method != "GET":
            worlds.commit()
            self._had_effect(entry, answer.get("id"))
        else:
            worlds.drop()
        stored = world.store.body(answer["object"], answer["id"]) if "id" in answer else None
        # The secret is returned once and is not part of the stored object.
        shown_once = paths or answer.get("secret") is not None
        return encode(answer) if shown_once or stored is None else stored

    def _had_effect(self, entry: Entry, made: str | None) -> None:
        entry.executed = True
        entry.object = made
        self._simulation.effects.add(entry.idempotency_key, entry.operation, made)

    def _book(self, request: HttpRequest, route: Route | None) -> Entry:
        ledger = self._simulation.ledger
        header = request.headers.get
        entry = Entry(
            n=ledger.next_number(),
            time=self._simulation.world.now(),
            method=request.method,
            path=request.path,
            query=request.query,
            body=request.body.decode(errors="replace"),
            operation="" if route is None else route.operation.name,
            idempotency_key=header("Idempotency-Key"),
            stripe_version=header("Stripe-Version"),
            stripe_account=header("Stripe-Account"),
            content_type=header("Content-Type"),
            authorization=scheme(header("Authorization")),
            key_fingerprint=key_fingerprint(sent_key(header("Authorization"))),
            request_id=new_request_id(),
        )
        ledger.add(entry)
        return entry

    def _draw(self, stage: Stage, entry: Entry) -> Rule | None:
        rule = self._simulation.faults.draw(stage, entry.operation, entry.method, entry.path)
        if rule is not None:
            entry.fault = rule.kind
        return rule

    def _replay(self, saved: SavedAnswer, entry: Entry) -> HttpResponse:
        headers = self._headers(entry) | {
            "Idempotent-Replayed": "true",
            "Original-Request": saved.request_id,
        }
        if 400 <= saved.status < 500:
            headers["Stripe-Should-Retry"] = "false"
        return HttpResponse(saved.status, headers, saved.body)

    def _refusal(self, problem: Problem, entry: Entry) -> HttpResponse:
        error = dict(problem.error)
        if problem.status != 401:
            at = int(entry.time)
            error["request_log_url"] = (
                f"https://dashboard.stripe.com/test/logs/{entry.request_id}?t={at}"
            )
        headers = self._headers(entry) | problem.headers
        if problem.should_retry is not None:
            headers["Stripe-Should-Retry"] = "true" if problem.should_retry else "false"
        return HttpResponse(problem.status, headers, encode({"error": error}))

    def _headers(self, entry: Entry) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "Cache-Control": "no-cache, no-store",
            "Request-Id": entry.request_id,
            "Stripe-Version": entry.stripe_version or self._simulation.catalog.api_version,
        }
        if entry.stripe_account:
            headers["Stripe-Account"] = entry.stripe_account
        if entry.idempotency_key and entry.method == "POST":
            headers["Idempotency-Key"] = entry.idempotency_key
            headers["Original-Request"] = entry.request_id
        return headers


def _cut(rule: Rule) -> HttpOutcome:
    if rule.kind.startswith("reset"):
        return Reset()
    return Silence(HOLD_SECONDS if rule.seconds is None else rule.seconds)
