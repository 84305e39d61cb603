"""Stripe over HTTP: the client, its connections, and the keys that it sends with."""
