"""Test clocks and the actions that are due while they advance."""
