"""Forums: rotation over years, agenda, bilateral meetings, each usable alone."""
