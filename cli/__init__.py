"""The command line, `stripe-flows`: each command in a file of its own."""
