"""What is in a block of code: commands and Python are coloured and can be copied, what a command prints is neither."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx

LANGUAGES = {
    "python": re.compile(r"(?:import|from) \w"),
    "sh": re.compile(r"(?:python3?|nnexp|pip|bash|source|eval|export|cd) |(?:\.venv/bin|scripts)/"),
}
COPIED = ", ".join(f".highlight-{language} pre" for language in (*LANGUAGES, "yaml", "ipython3"))  # as CSS selects them
LEFT_OUT = ".w + .c1"  # what is said of a command at its line's end: not every shell takes it


def name_languages(app: Sphinx, tree: nodes.document) -> None:
    """Blocks that name no language get it by their first line; what a command prints below it, a block of its own."""
    for block in [*tree.findall(nodes.literal_block)]:
        text = block.astext()
        language = next((name for name, begins in LANGUAGES.items() if begins.match(text)), None)
        if language and block.get("language", "none") == "none":
            code, _, printed = text.partition("\n\n") if language == "sh" else (text, "", "")
            parts = ((code, language), (printed, "none"))
            block.replace_self([nodes.literal_block(part, part, language=name) for part, name in parts if part])
