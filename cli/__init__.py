"""The command line, `stripe-flows`: each command is in a file of its name."""
