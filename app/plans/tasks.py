"""What the worker does for plans."""
