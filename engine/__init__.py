"""What decides: scripts, calls, answers. No I/O beyond the sandbox's own process."""
