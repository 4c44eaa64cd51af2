"""Bytes to arrays: the data sets a network can learn from, each read and checked before it is used."""
