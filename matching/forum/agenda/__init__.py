"""Agenda of a forum: sessions into rooms and slots, nobody in two places, fewest clashes."""
