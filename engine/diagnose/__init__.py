"""Explain why a script failed. Nothing in engine/sandbox imports this folder."""
