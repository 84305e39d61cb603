"""The Flower dashboard."""
