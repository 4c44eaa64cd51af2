"""Engines: what does the arithmetic, a file for each."""
