"""Schedules: how large the steps of an epoch are, a file for each."""
