"""Averages: what of the weights on the way is kept, a file for each."""
