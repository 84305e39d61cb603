"""Run scripts inside Monty, and check what comes back."""
