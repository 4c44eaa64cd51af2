"""The links in the text that sums up a sweep: each store has its own pages, and a copied text gets those of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

ONE = r"\[(?:curves|means|report)\]\([^)\n]*\)"
PICTURE = re.compile(
    r"(?P<title>!\[[\w ]+\])\([^)\n]*?(?P<folder>figures|pictures)(?:/|%2F)(?P<name>\w+\.png)[^)\n]*\)"
)
LINKS = re.compile(rf"{ONE}(?: · {ONE})*")


def links(pages: Mapping[str, str]) -> str:
    """Links to these pages, by name."""
    return " · ".join(f"[{name}]({page})" for name, page in pages.items())


def relinked(text: str, pages: Mapping[str, str], picture_of: Callable[[str], str] = str) -> str:
    """The text with links to these pages, by name, where it has links of another store.

    picture_of: how the text shows a file of the run's, if not by its name.
    """
    text = LINKS.sub(lambda _: links(pages), text, count=1)
    return PICTURE.sub(lambda found: f"{found['title']}({picture_of(found['folder'] + '/' + found['name'])})", text)
