"""Costs: how wrong an output is, a file for each."""
