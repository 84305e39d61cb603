"""The journal's protocol as a model, in which every interleaving of faults is explored.

Why it exists: a charge is lost or doubled by an order of events that nobody thought of. Tests on real
processes meet a few thousand orders; the model meets all of a small run. See docs/journal.md.

    state.py           a state: journal, hints, workers, Stripe, time
    rules.py           scenarios, and mutants: the protocol without one rule each
    journal.py         the atomic writes
    workers.py         the steps of a worker between them
    network.py         requests on their way, and Stripe's handling of them
    faults.py          crashes, lost hints, a journal that rolls back, keys that age
    people.py          persons resolve, name an object, retry and cancel
    promises.py        the promises that must hold in every state
    explore.py         the exploration, breadth first
    configurations.py  the scenarios that are explored

Run all of it with `python -m tests.model`, a quarter of an hour (`--deep`: one more fault each, far
longer).
"""
