"""What the worker does for workbooks."""
