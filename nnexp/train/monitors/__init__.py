"""Monitors: what is measured of each layer after an epoch where the settings ask for it, a file for each."""
