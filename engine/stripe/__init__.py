"""What is known of Stripe: its operations, how a request is written, what an answer means."""
