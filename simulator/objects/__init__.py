"""The simulated objects: their fields, the store, lists, search and events."""
