"""Events, webhook endpoints and ephemeral keys."""
