"""A sweep: its grid, what is left out, the plan, doing it, its report."""
