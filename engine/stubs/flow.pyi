"""All names that a flow may use, for an editor's `__builtins__.pyi`."""

from stripe_flows.engine.stubs.builders import *
from stripe_flows.engine.stubs.objects import *
from stripe_flows.engine.stubs.scope import *
