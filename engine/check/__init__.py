"""Find mistakes in flows without running them, and list everything that scripts can call."""
