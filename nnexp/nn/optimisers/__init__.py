"""Optimisers: how a gradient moves a network's weights, a file for each."""
