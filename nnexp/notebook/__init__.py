"""The ways of Python and of notebooks: keyword settings, and results that show themselves."""
