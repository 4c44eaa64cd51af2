"""Activations: a unit's rule and its derivative, a file for each."""
