"""Asking a trained network about images that it has never seen."""
