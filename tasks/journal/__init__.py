"""The journal: the state of every run and its record, in Redis. It is the truth, and the outbox.

Celery on Redis loses and doubles messages when workers are killed, so messages are hints only, and
every step is one atomic script here: a `.lua` file with a Python function of the same name. layout.md
lists every key and field; docs/journal.md explains the protocol. No other folder knows the keys.
"""
