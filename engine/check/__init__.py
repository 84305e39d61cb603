"""What can be said of flows without running them: the whole surface, and a folder's mistakes."""
