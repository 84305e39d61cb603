"""Celery's settings, one reason each.

The app reads them as `stripe_flows.celeryconfig`, never as `celeryconfig`: a file of that name in
the folder of whoever installs this package is left alone.
"""

from __future__ import annotations

import os

_redis = os.environ.get("REDIS_URL", "") or "redis://127.0.0.1:6379/0"
# Celery itself would let the environment's CELERY_BROKER_URL win over this file; `tasks/app.py` sees
# to it that STRIPE_FLOWS_BROKER_URL goes first, so that both can stand in one environment.
broker_url = (
    os.environ.get("STRIPE_FLOWS_BROKER_URL", "")
    or os.environ.get("CELERY_BROKER_URL", "")
    or _redis
)
_on_redis = broker_url.startswith(("redis", "sentinel", "unix"))

# A worker without -Q consumes this queue, which is also where a run without a worker_id goes.
task_default_queue = "flows.default"

# Messages are hints of a few ids. Nothing but JSON is read from the broker: a pickle would run code.
accept_content = ["json"]
task_serializer = "json"
result_accept_content = ["json"]

# Answers live in the journal. A result backend would be a second, less careful copy.
task_ignore_result = True
task_store_errors_even_if_ignored = False

# A task waits for Stripe, not for the processor: threads are the pool. `prefork` works as well.
worker_pool = "threads"
worker_concurrency = 16

# Kombu's own pools stop at 10 connections, which is below 16 threads that publish. Connections are
# opened as they are needed, so a limit that no worker reaches costs nothing.
broker_pool_limit = 256

# Celery's own consumer ends its worker on a message that is none. This one drops and counts it.
worker_consumer = "stripe_flows.tasks.worker.consumer:HintConsumer"

# On Redis an acknowledgement is emulated with eight more commands a task and still loses messages
# when a worker is killed. The journal publishes again whatever was lost. On RabbitMQ acknowledging
# late costs little, so there a hint comes back at once.
broker_transport_options = (
    {
        "ack_emulation": False,
        "max_connections": broker_pool_limit,
        "socket_timeout": 10,
        "socket_connect_timeout": 2,
        "socket_keepalive": True,
        "health_check_interval": 10,
    }
    if _on_redis
    else {"confirm_publish": True}
)
task_acks_late = not _on_redis
task_reject_on_worker_lost = not _on_redis

# Few hints in a worker's memory: those are lost with it, and wait for the sweeper's grace.
worker_prefetch_multiplier = 1

# A broker that is away at the start or later is waited for; the journal keeps what is due.
broker_connection_retry_on_startup = True
broker_connection_max_retries = None

# Flower shows what happens as it happens. Costs some throughput.
worker_send_task_events = True
task_track_started = False

# Nothing of ours is scheduled or expires in Celery: due times are in the journal.
enable_utc = True
worker_hijack_root_logger = True
worker_redirect_stdouts = False
