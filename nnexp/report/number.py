"""How a number is written where people read it."""


def number(value: float) -> str:
    """`3`, `1e-05`: six digits, or all where six would be another number."""
    text = f"{value:g}"
    return text if float(text) == value else repr(float(value))
