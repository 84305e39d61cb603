"""What the simulated resources do beyond the generic verbs, one module a resource."""
