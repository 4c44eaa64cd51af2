"""What the theme's pages lack for people who use a keyboard or a screen reader, put in once a page is written."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from sphinx.errors import ExtensionError

SCROLLS = r'<div tabindex="0" role="group" aria-label="{}" class="{}'
PARAMETER = '<dd><em class="sig-param">'
REPLACED = {
    '<p class="caption" role="heading">': '<p class="caption">',  # in the sidebar: no heading, it has no level
    "<pre>": '<pre tabindex="0">',
    '<div class="table-wrapper': SCROLLS.format("table", "table-wrapper"),
    '<div class="cell_output': SCROLLS.format("output", "cell_output"),
    f"<dl>\n{PARAMETER}": f'<dl role="list">\n{PARAMETER}',  # a list without terms
    PARAMETER: PARAMETER.replace("<dd>", '<dd role="listitem">'),
    '<div id="search-results">': '<h1>Search</h1>\n<div id="search-results">',
    r"<td>(?=<p>[-±]?\d[\d.,±% ]*(?:to [\d., %]+)?</p></td>)": '<td class="number">',
    r"<td>(?=<p>(?:<strong>[^<]*</strong>)?[^<]{24})": '<td class="sentence">',
}


def mend(folder: Path) -> None:
    """Mend every page below the folder: what scrolls can be reached by keyboard, and no number is broken into lines.

    Raises `ExtensionError` if one of the replaced pieces is on no page, as another version of the theme may have it.
    """
    seen = Counter[str]()
    for page in folder.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for found, better in REPLACED.items():
            text, times = re.subn(found, better, text)
            seen[found] += times
        page.write_text(text, encoding="utf-8")
    if missing := [found for found in REPLACED if not seen[found]]:
        raise ExtensionError("scripts/site/accessible.py: on no page of the theme: " + ", ".join(map(repr, missing)))
