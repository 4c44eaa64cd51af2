"""The links in the text that sums up a sweep: each store has its own pages, and a copied text gets those of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping

ONE = r"\[(?:curves|means|report)\]\([^)\n]*\)"
LINKS = re.compile(rf"{ONE}(?: · {ONE})*")


def relinked(text: str, pages: Mapping[str, str]) -> str:
    """The text with links to these pages, by name, where it has links of another store."""
    links = " · ".join(f"[{name}]({page})" for name, page in pages.items())
    return LINKS.sub(lambda _: links, text, count=1)
