"""Initialisers: where weights and biases start, a file for each."""
