"""Plans made by the optimiser, and the proposals that come of them."""
