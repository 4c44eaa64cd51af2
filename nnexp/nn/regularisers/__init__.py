"""Regularisers: what keeps weights small, a file for each."""
