"""stripe-flows, installed: small sandboxed scripts that run Stripe flows in the background."""

from stripe_flows.tasks import Run, app, get_run, list_runs, start_flow
from stripe_flows.tasks.version import VERSION as __version__

__all__ = ["Run", "__version__", "app", "get_run", "list_runs", "start_flow"]
