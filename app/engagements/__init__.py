"""Mentorships that both sides accepted."""
