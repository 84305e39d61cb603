"""The Python API: start a flow, find a run, follow it, decide about it."""
