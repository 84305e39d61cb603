"""Decisions about scripts, calls and answers. The only I/O is that of the sandbox's own process."""
