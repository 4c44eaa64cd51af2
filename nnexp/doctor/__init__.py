"""Examining a run store: what is wrong with it, and what helps."""
