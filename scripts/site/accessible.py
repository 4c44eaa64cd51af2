"""What the theme's pages lack for people who use a keyboard or a screen reader, put in once a page is written."""

from __future__ import annotations

import re
from pathlib import Path

PARAMETER = '<dd><em class="sig-param">'
REPLACED = (
    (
        '<p class="caption" role="heading">',
        '<p class="caption">',
    ),  # of the sidebar: headings need a level, these have none
    ("<pre>", '<pre tabindex="0">'),
    ('<div class="table-wrapper', '<div tabindex="0" role="group" aria-label="table" class="table-wrapper'),
    ('<div class="cell_output', '<div tabindex="0" role="group" aria-label="output" class="cell_output'),
    (f"<dl>\n{PARAMETER}", f'<dl role="list">\n{PARAMETER}'),  # a list without terms
    (PARAMETER, PARAMETER.replace("<dd>", '<dd role="listitem">')),
    ('<div id="search-results">', '<h1>Search</h1>\n<div id="search-results">'),
)
NUMBER = re.compile(r"<td>(?=<p>[-±]?\d[\d.,±% ]*(?:to [\d., %]+)?</p></td>)")


def mend(folder: Path) -> None:
    """Mend every page below the folder: what scrolls can be reached by keyboard, and no number is broken into lines."""
    for page in folder.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for found, better in REPLACED:
            text = text.replace(found, better)
        page.write_text(NUMBER.sub('<td class="number">', text), encoding="utf-8")
