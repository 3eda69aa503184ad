"""Bilateral meetings: who meets whom in which slot, with the fewest idle gaps."""
