"""The repository's pages: their code, their commands, their links."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from textwrap import dedent

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[1]
FOLDERS = ("conf", "experiments", "nnexp", "scripts", "tests")
SHELL = ("sh", "bash", "console")
PROGRAMS = "python|python3|nnexp|nnexp-run|pip|mlflow|source|export|eval|cd|bash|docker"
COMMAND = re.compile(rf"(?:\$ )?((?:(?:{PROGRAMS}) |(?:\.venv/bin|scripts)/\S).*?)(?: {{2,}}.*)?")
BETWEEN = re.compile(r" && | > \S+(?: && )?")  # two commands in a line


@dataclass(frozen=True)
class Page:
    """A page of markdown."""

    path: Path

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @cached_property
    def _tokens(self) -> list[Token]:
        return MarkdownIt("commonmark").enable("table").parse(self.path.read_text())

    @cached_property
    def blocks(self) -> list[tuple[str, str]]:
        """The language of each block of code, empty if none is named, and the code."""
        return [(each.info, dedent(each.content)) for each in self._tokens if each.type in ("fence", "code_block")]

    @cached_property
    def programs(self) -> list[str]:
        """The blocks that are Python."""
        return [code for language, code in self.blocks if language == "python" or (not language and _imports(code))]

    @cached_property
    def commands(self) -> list[str]:
        """What is typed into a shell, a command each, without what is said about it."""
        lines = (
            line
            for language, code in self.blocks
            if language in ("", *SHELL) and code not in self.programs
            for line in code.replace("\\\n", "").splitlines()
        )
        typed = (found[1] for found in map(COMMAND.fullmatch, lines) if found)
        return [each.removeprefix(".venv/bin/") for line in typed for each in BETWEEN.split(line) if each]

    @cached_property
    def links(self) -> list[str]:
        """Where its links and pictures lead, those to other sites left out."""
        found = (
            str(token.attrs.get("href") or token.attrs.get("src") or "")
            for inline in self._tokens
            for token in inline.children or ()
            if token.type in ("link_open", "image")
        )
        raw = re.findall(r'(?:src|srcset|href)="(.+?)"', self.path.read_text())
        return [link for link in (*found, *raw) if link and not re.match(r"\w+:", link)]

    @cached_property
    def anchors(self) -> set[str]:
        """The names of its headings, as GitHub and the site make them."""
        headings = (
            after.content
            for heading, after in zip(self._tokens, self._tokens[1:], strict=False)
            if heading.type == "heading_open"
        )
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _imports(code: str) -> bool:
    """Whether it is Python, and more than words that happen to be."""
    try:
        parsed = ast.parse(code)
    except SyntaxError:
        return False
    return any(isinstance(each, ast.Import | ast.ImportFrom) for each in ast.walk(parsed))


def pages() -> list[Page]:
    """All of them, in order."""
    below = (file for folder in FOLDERS for file in (ROOT / folder).rglob("*.md"))
    return [Page(path) for path in sorted([*ROOT.glob("*.md"), *below])]


def commands() -> list[str]:
    """Every command of every page, each once; the changelog tells of earlier ones."""
    return list(dict.fromkeys(each for page in pages() if page.name != "CHANGELOG.md" for each in page.commands))
