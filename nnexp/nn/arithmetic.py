"""The version of the arithmetic: part of what a run is."""

ARITHMETIC = 1  # raise it by hand with every change of code that changes a run's numbers, were it the last bit
