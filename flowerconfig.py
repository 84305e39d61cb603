"""Flower's settings, one reason each.

`celery -A tasks flower` reads this file from the current folder, `stripe-flows flower` from the
package. The command line and FLOWER_* must win over it. Flower reads this file last and lets it win, so
each setting below is set only if `options` does not have it yet.
"""

from __future__ import annotations

import os
import sys

from tornado.netutil import bind_sockets
from tornado.options import options

from stripe_flows.dashboard.login import USER, dashboard_login
from stripe_flows.tasks.private_file import FOLDER

# Flower listens on every address by default.
address = options.address or "127.0.0.1"

# Tornado would end with a traceback.
try:
    for _socket in () if options.unix_socket else bind_sockets(options.port, address):
        _socket.close()
except OSError as _error:
    sys.stderr.write(
        f"error: Flower cannot listen on {address}:{options.port}: {_error.strerror}; "
        "choose another --port\n"
    )
    raise SystemExit(2) from None

# Flower's pages are open by default, and they can end workers. OAuth (`auth`) has a login already.
if not options.basic_auth and not options.auth:
    _login = dashboard_login(FOLDER)
    basic_auth = [_login.basic_auth]
    sys.stderr.write(
        f"Flower's login: {USER} / {_login.password} (kept in {_login.path})\n"
        if _login.new
        else f"Flower's login: {USER}, with the password in {_login.path}\n"
    )

# The arguments are only ids and names for people: the flow or operation, and the context_id.
if "FLOWER_TASKS_COLUMNS" not in os.environ:
    tasks_columns = "name,uuid,state,kwargs,received,runtime,worker"

# There may be millions of tasks. Flower keeps only the newest in memory.
if "FLOWER_MAX_TASKS" not in os.environ:
    max_tasks = 20_000
