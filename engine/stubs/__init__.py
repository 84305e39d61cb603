"""What a script has in scope, as types: for editors, and for the check of flows.

`scope.pyi` and `flow.pyi` are written by hand, the others are made by `python tools/make_stubs.py`.
No module of the package imports them.
"""
