"""Groups: participants into groups, by their attributes and by values for pairs."""
