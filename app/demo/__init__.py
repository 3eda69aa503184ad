"""A demonstration with invented States, and stepping into any role."""
