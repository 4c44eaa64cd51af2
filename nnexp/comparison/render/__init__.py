"""A comparison as text, data, HTML."""
