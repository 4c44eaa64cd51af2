"""Reading results: pictures of a run, and the folder that holds what it leaves."""
