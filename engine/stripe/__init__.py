"""Knowledge about Stripe: its operations, the form of requests, the meaning of answers."""
