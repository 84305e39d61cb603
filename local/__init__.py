"""What one machine needs to run it all without installing a service."""
