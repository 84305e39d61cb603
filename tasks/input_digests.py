"""Digests of a run's input, to find what differs when the same `run_id` is started again.

The input itself is deleted when the run's first step is done; the digests stay as long as the run. A
digest for each param shows which one differs. They are stored sealed, and never shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from hashlib import sha256

from pydantic import BaseModel, ConfigDict

from stripe_flows.engine.types import JSONObject, JSONValue

from .printable import shown

MAX_KEYS = 32
"""The number of params with a digest of their own. The rest share one."""

MAX_NAMES = 1024
"""The limit for the names of these params together, in bytes."""

MAX_SHOWN = 10
"""The number of params that an error names at most."""


class InputDigests(BaseModel):
    """Digests of a script and of its params."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    script: str = ""
    """The digest of the script's text; "" for a flow."""
    params: dict[str, str] = {}
    """The digests of the first params, by name, in alphabetical order."""
    rest: str = ""
    """The digest of all params after these; "" if there are none."""


class RunMeta(BaseModel):
    """The names that a run was started with, and a digest of its whole input."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    flow: str
    """The name of its first flow."""
    worker_id: str
    """The workers that carry it."""
    context_id: str
    """The caller's own name for the business."""
    input: str
    """The digest of the whole input. Another input has another digest."""


class StartedAs(RunMeta):
    """The same as it is stored, with digests."""

    digests: InputDigests | None = None
    """The digests that show what differs. Runs of an earlier version have none."""


def input_digest(
    flow: str, script: str | None, worker_id: str, context_id: str, params: JSONObject
) -> str:
    """Return a digest of the whole input of a run, to detect a mismatch. It is stored sealed."""
    text = json.dumps([flow, script, worker_id, context_id, params], sort_keys=True)
    return sha256(text.encode()).hexdigest()


def input_digests(script: str | None, params: JSONObject) -> InputDigests:
    """Return the digests of a run's input."""
    first: dict[str, str] = {}
    names = sorted(params)
    room = MAX_NAMES
    for name in names[:MAX_KEYS]:
        room -= len(name.encode())
        if room < 0:
            break
        first[name] = _digest(params[name])
    return InputDigests(
        script="" if script is None else _digest(script),
        params=first,
        rest=_rest(params, names[len(first) :]),
    )


def differences(before: StartedAs, now: StartedAs, params: JSONObject) -> tuple[str, ...]:
    """Return a phrase for each difference between two starts. `params` are those of the second.

    Return none if an earlier version started the run, or the digests are equal.
    """
    if before.digests is None or now.digests is None:
        return ()
    return tuple(_differences(before, now, before.digests, now.digests, params))


def _differences(
    before: StartedAs, now: StartedAs, was: InputDigests, is_: InputDigests, params: JSONObject
) -> Iterator[str]:
    if bool(was.script) != bool(is_.script):
        yield f"{_kind(before, was)} (not {_kind(now, is_)})"
    elif was.script != is_.script:
        yield "another script"
    elif before.flow != now.flow:
        yield f"another flow ({shown(before.flow)}, not {shown(now.flow)})"
    if before.worker_id != now.worker_id:
        yield f"another worker_id ({shown(before.worker_id)}, not {shown(now.worker_id)})"
    if before.context_id != now.context_id:
        yield f"another context_id ({shown(before.context_id)}, not {shown(now.context_id)})"
    changed = list(_params(was, params))
    if changed:
        more = len(changed) - MAX_SHOWN
        named = [*changed[:MAX_SHOWN], *([f"and {more} more"] if more > 0 else [])]
        yield f"other params ({', '.join(named)})"


def _params(was: InputDigests, params: JSONObject) -> Iterator[str]:
    """Name the params that differ. An error does not show their values."""
    for name, digest in was.params.items():
        if name not in params:
            yield f"{shown(name)} is missing"
        elif _digest(params[name]) != digest:
            yield f"{shown(name)} differs"
    # Names up to the last one with a digest are known. All names after it share one digest.
    last = max(was.params, default="")
    new = sorted(params.keys() - was.params.keys())
    if not was.rest:
        yield from (f"{shown(name)} is new" for name in new)
        return
    yield from (f"{shown(name)} is new" for name in new if name < last)
    beyond = [name for name in new if name > last or not was.params]
    if _rest(params, beyond) != was.rest:
        yield f"one or more of those after {shown(last)}" if was.params else "one or more of them"


def _kind(meta: RunMeta, digests: InputDigests) -> str:
    return "a script" if digests.script else f"flow {shown(meta.flow)}"


def _rest(params: JSONObject, names: Iterable[str]) -> str:
    found: JSONValue = {name: params[name] for name in names}
    return _digest(found) if found else ""


def _digest(value: JSONValue) -> str:
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:8]
