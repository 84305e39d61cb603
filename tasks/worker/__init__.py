"""What a worker process has beside its tasks: checks at its start, its consumer, its sweeper."""
