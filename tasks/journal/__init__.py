"""The journal: the state of every run and its record, in Redis; the truth, and the outbox.

Celery on Redis loses and doubles messages when workers are killed, so the broker carries hints only,
and every step is one atomic script here. `lib.lua` says how a run is kept; each step is a `.lua`
file beside its Python name. This is the only folder that knows the keys.
"""
