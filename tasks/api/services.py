"""The services of the process that calls the API."""

from __future__ import annotations

from stripe_flows.tasks.app import app
from stripe_flows.tasks.services import Services, process_services
from stripe_flows.tasks.unknown_settings import report_unknown_variables


def caller_services() -> Services:
    """Return this process's services. Raises SettingsError, JournalError, JournalUnavailable."""
    report_unknown_variables()
    return process_services(app)
