"""Runs presets whole, and writes the gallery from what the store has of them."""
