"""The journal's protocol as a model, in which every interleaving of faults is explored.

Why it exists: a lost charge or a doubled one comes from an order of events that nobody thought of.
Tests on real processes meet a few thousand orders; the model meets all of a small run.

    state.py           what there is: journal, hints, workers, Stripe, time
    rules.py           a scenario, and the mutants: each rule of the protocol, left out
    journal.py         the atomic writes
    workers.py         what a worker does between them
    network.py         a request on its way, and Stripe's end of it
    faults.py          crashes, lost hints, a journal that rolls back, keys that age
    people.py          resolve, retry and cancel
    promises.py        what must hold in every state
    explore.py         breadth first through all of it
    configurations.py  what is explored

Run all of it with `python -m tests.model` (`--deep`: one more fault each, some ten minutes).
"""
