"""A search: its space, its trials as runs, what it has found, and whether that holds for seeds it has not seen."""
