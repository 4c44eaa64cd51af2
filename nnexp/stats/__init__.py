"""Comparing honestly: how far results vary over seeds, and which differences are more than chance."""
