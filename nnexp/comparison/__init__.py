"""Comparing runs: what differs, which setting is best, how sure that is, and a report that shows it."""
