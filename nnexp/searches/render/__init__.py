"""A search as text, tables, charts, HTML."""
