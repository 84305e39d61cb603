"""stripe-flows: start Stripe flows, and follow them.

    from tasks import start_flow, get_run, list_runs

Only the names below are public. `celery -A tasks worker` finds the app here.
"""

from stripe_flows.tasks.api.find import get_run, list_runs
from stripe_flows.tasks.api.run import Run
from stripe_flows.tasks.api.start import start_flow
from stripe_flows.tasks.app import app

__all__ = ["Run", "app", "get_run", "list_runs", "start_flow"]
