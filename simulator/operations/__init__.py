"""Carry out an operation of the catalog on the simulated objects."""
