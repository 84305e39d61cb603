"""Scripts as guests: what runs inside Monty, and what is believed of what comes back."""
