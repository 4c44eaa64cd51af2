"""Where runs are remembered: a file for each choice of `tracking`."""
