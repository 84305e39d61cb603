"""A request before it is carried out: key, route, parameters, idempotency, faults, records."""
