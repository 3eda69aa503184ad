"""States, their languages, and the roster of Members and Observers."""
