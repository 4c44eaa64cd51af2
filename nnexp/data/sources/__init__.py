"""Sources of data, a file for each."""
