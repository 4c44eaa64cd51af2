"""Settings as MLflow keeps them: params, which are text."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

LONGEST = 6000  # characters; MLflow cuts what is longer without a word
WORDS = {"null": None, "None": None, "True": True, "False": False}  # earlier runs have None as Python writes it


def as_text(value: Any) -> str:
    """A setting as a param: lists, and none, as they are typed on the command line."""
    if value is None:
        return "null"
    text = "[" + ",".join(map(str, value)) + "]" if isinstance(value, list) else str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def from_text(text: str) -> Any:
    """The setting that a param is: `1e-05` a number, which it is not in YAML; what means nothing else is a string."""
    if text in WORDS:
        return WORDS[text]
    for number in (int, float):
        with suppress(ValueError):
            return number(text)
    if text.startswith("[") and text.endswith("]"):
        return [from_text(item) for item in text[1:-1].split(",") if item]
    return text
