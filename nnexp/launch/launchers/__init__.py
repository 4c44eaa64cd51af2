"""Ways to launch a sweep's jobs, a file for each."""
