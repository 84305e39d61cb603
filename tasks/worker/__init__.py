"""A worker process besides its tasks: the checks at its start, its consumer, its sweeper."""
