"""The tests of stripe-flows.

This file runs before any test or fixture imports the product, whose settings are read with the
import; so the environment is cleaned here.
"""

from __future__ import annotations

import locale
import os
from contextlib import suppress

from tests.environment import clean

clean(os.environ)

# What this process reads and writes without naming an encoding; it was started before.
with suppress(locale.Error):
    locale.setlocale(locale.LC_ALL, os.environ["LC_ALL"])
