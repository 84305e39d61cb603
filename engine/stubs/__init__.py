"""Types of everything that a script has in scope, for editors and for the check of flows.

`scope.pyi` and `flow.pyi` are written by hand; `python tools/make_stubs.py` generates the others. No
module of the package imports them.
"""
