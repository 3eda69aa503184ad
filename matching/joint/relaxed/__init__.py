"""Rules of the linear model, by instrument, and those that bind instruments together."""
