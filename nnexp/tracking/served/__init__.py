"""Runs for a server, which no run ever waits for: kept in a folder, and brought to the server by another process."""
