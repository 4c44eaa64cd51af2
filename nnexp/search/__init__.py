"""Choosing what to run: the jobs of a sweep, and which combinations are left out."""
