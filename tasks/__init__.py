"""stripe-flows: start Stripe flows, follow them, and decide about them.

    from tasks import start_flow, get_run, list_runs

Only the names below are public. `celery -A tasks worker` finds the app here.
"""

from stripe_flows.engine.answer import Answer, AnswerKind
from stripe_flows.engine.call import Call, SecretSource
from stripe_flows.engine.details import AnswerDetails, RequestDetails
from stripe_flows.engine.played import Played
from stripe_flows.engine.types import JSONObject, JSONValue
from stripe_flows.tasks.api.find import Since, get_run, list_runs
from stripe_flows.tasks.api.run import Run
from stripe_flows.tasks.api.start import start_flow
from stripe_flows.tasks.api.waiting import Wait, WaitKind
from stripe_flows.tasks.app import app
from stripe_flows.tasks.events import Created, Event, EventKind, EventStatus
from stripe_flows.tasks.input_digests import RunMeta
from stripe_flows.tasks.item import ItemKind
from stripe_flows.tasks.journal.item_state import ItemState
from stripe_flows.tasks.journal.read import OpenItem, RunState, RunStatus

__all__ = [
    "Answer",
    "AnswerDetails",
    "AnswerKind",
    "Call",
    "Created",
    "Event",
    "EventKind",
    "EventStatus",
    "ItemKind",
    "ItemState",
    "JSONObject",
    "JSONValue",
    "OpenItem",
    "Played",
    "RequestDetails",
    "Run",
    "RunMeta",
    "RunState",
    "RunStatus",
    "SecretSource",
    "Since",
    "Wait",
    "WaitKind",
    "app",
    "get_run",
    "list_runs",
    "start_flow",
]
