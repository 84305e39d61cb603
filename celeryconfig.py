"""Celery's settings, one reason each.

The app reads them as `stripe_flows.celeryconfig`, never as `celeryconfig`: that name is left to the
programs that use this package.
"""

from __future__ import annotations

import os

# Celery takes each name without an underscore for a setting.
from stripe_flows.tasks.service_urls import broker_url_of as _broker_url_of
from stripe_flows.tasks.service_urls import is_redis_broker as _is_redis_broker

# Celery alone would let CELERY_BROKER_URL win over this file. `tasks/app.py` makes
# STRIPE_FLOWS_BROKER_URL win, so that one environment can have both.
broker_url = _broker_url_of(os.environ)
_on_redis = _is_redis_broker(broker_url)

# A worker without -Q consumes this queue. Runs without a worker_id go there too.
task_default_queue = "flows.default"

# Messages are hints of a few ids. Only JSON is read from the broker: a pickle would run code.
accept_content = ["json"]
task_serializer = "json"
result_accept_content = ["json"]

# Answers live in the journal. A result backend would be a second, less careful copy.
task_ignore_result = True
task_store_errors_even_if_ignored = False

# A task waits for Stripe, not for the processor, so the pool is threads. `prefork` works as well.
worker_pool = "threads"
worker_concurrency = 16

# Kombu limits its pools to 10 connections, too few for 16 threads that publish. Connections are
# opened when they are needed, so a higher limit costs nothing.
broker_pool_limit = 256

# A malformed message ends a worker with Celery's own consumer. This one drops and counts it.
worker_consumer = "stripe_flows.tasks.worker.consumer:HintConsumer"

# On Redis, acknowledging costs eight more commands a task, and a killed worker loses messages all the
# same. The sweeper publishes lost hints again. On RabbitMQ acknowledging late costs little, and the
# broker delivers the hint of a killed worker again at once.
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

# Hints in a worker's memory are lost with it, and then wait for the sweeper. So it fetches few.
worker_prefetch_multiplier = 1

# A worker waits for a broker that is away, at its start or later. The journal keeps what is due.
broker_connection_retry_on_startup = True
broker_connection_max_retries = None

# Flower shows tasks as they happen. This costs some throughput.
worker_send_task_events = True
task_track_started = False

# No task of ours is scheduled or expires in Celery: due times are in the journal.
enable_utc = True
worker_hijack_root_logger = True
worker_redirect_stdouts = False
