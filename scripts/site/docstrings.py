"""Docstrings and signatures, as the site's page on Python shows them."""

from __future__ import annotations

import re

from sphinx.application import Sphinx

EXAMPLE = re.compile(r"\n\n((?: {4}.*\n|\n(?= {4}))+)")
DESCRIBED = re.compile(r"(?:\A|(?<=\n\n)|(?<=\.\s))([a-z]\w*(?:,\s[a-z]\w*)*):(?=\s)")
ALIAS = re.compile(r"TypeAliasForwardRef\('(\w+)'\)")


def mark_up(app: Sphinx, kind: str, name: str, described: object, options: object, lines: list[str]) -> None:
    """In a docstring, an indented part is code, and names at the beginning of a sentence on them stand out."""
    text = EXAMPLE.sub(r"\n\n.. code-block:: python\n\n\1", "\n".join([*lines, ""]))
    lines[:] = DESCRIBED.sub(r"**\1**:", text).split("\n")


def name_types(
    app: Sphinx, kind: str, name: str, described: object, options: object, arguments: str | None, result: str | None
) -> tuple[str | None, str | None]:
    """A type of ours within another one is called by its name alone, too."""
    return arguments and ALIAS.sub(r"\1", arguments), result and ALIAS.sub(r"\1", result)
