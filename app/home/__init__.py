"""Start pages, language, health."""
