"""Check what a caller passes to `start_flow` before anything is written: one clear error each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from stripe_flows.engine.errors import InputError
from stripe_flows.engine.flow import source_fault
from stripe_flows.engine.names import context_id_fault, run_id_fault, worker_id_fault
from stripe_flows.engine.params import params_json, size_fault
from stripe_flows.engine.types import JSONObject
from stripe_flows.tasks.printable import shown


def check_worker_id(worker_id: object) -> str:
    """Return the worker_id. Raises InputError."""
    fault = worker_id_fault(worker_id)
    if fault is not None:
        raise InputError(f"worker_id {shown(worker_id)} {fault}")
    return str(worker_id)


def check_run_id(run_id: object) -> str:
    """Return the run_id. Raises InputError."""
    fault = run_id_fault(run_id)
    if fault is not None:
        raise InputError(f"run_id {shown(run_id)} {fault}")
    return str(run_id)


def check_context_id(context_id: object) -> str:
    """Return the context_id. Raises InputError."""
    fault = context_id_fault(context_id)
    if fault is not None:
        raise InputError(f"context_id {shown(context_id)} {fault}")
    return str(context_id)


def check_params(params: Mapping[str, Any] | None) -> JSONObject:
    """Return `params` as the script will see it, after a round trip through JSON. Raises InputError."""
    if params is None:
        return {}
    if not isinstance(params, Mapping):
        raise InputError(f"params is a {type(params).__name__}, not a dict")
    wrong = next((key for key in params if not isinstance(key, str)), None)
    if wrong is not None:
        raise InputError(f"params has the key {wrong!r}, which is not a string")
    try:
        text = params_json(dict(params))
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"params cannot be written as JSON: {_why(error)}") from None
    fault = size_fault(text)
    if fault is not None:
        raise InputError(f"params {fault}")
    return cast(JSONObject, json.loads(text))


def check_script(script: object) -> str:
    """Return the text of a script. Raises InputError."""
    if not isinstance(script, str):
        raise InputError(f"script is a {type(script).__name__}, not a string")
    if not script.strip():
        raise InputError("script is empty")
    fault = source_fault(script)
    if fault is not None:
        raise InputError(f"script {fault}")
    return script


def _why(error: Exception) -> str:
    if isinstance(error, UnicodeEncodeError):
        return "a string is not valid Unicode"
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
