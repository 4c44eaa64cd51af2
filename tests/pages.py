"""The repository's pages: their code, their commands, their links."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from textwrap import dedent

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[1]
FOLDERS = ("conf", "experiments", "nnexp", "scripts", "tests")
SHELL = ("sh", "bash", "console")
PROGRAMS = "python|python3|nnexp|nnexp-run|pip|mlflow|source|export|eval|cd|bash|docker"
COMMAND = re.compile(rf"(?:\$ )?((?:(?:{PROGRAMS}) |(?:\.venv/bin|scripts)/\S).*?)(?: {{2,}}.*)?")
BETWEEN = re.compile(r" && | \| source| > [\w./-]+(?: && |$)")  # two commands in a line
NAMED = re.compile(r"nnexp [a-z]")


@dataclass(frozen=True)
class Page:
    """A page of markdown, or a notebook."""

    path: Path

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @cached_property
    def text(self) -> str:
        """Its markdown; of a notebook, without the cells of code."""
        if self.path.suffix == ".md":
            return self.path.read_text()
        cells = json.loads(self.path.read_text())["cells"]
        return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")

    @cached_property
    def _tokens(self) -> list[Token]:
        return MarkdownIt("commonmark").enable("table").parse(self.text)

    @cached_property
    def _words(self) -> list[Token]:
        """What its sentences are made of."""
        return [token for inline in self._tokens for token in inline.children or ()]

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
        """What is typed into a shell, a command each, without what is said of it."""
        lines = (
            line
            for language, code in self.blocks
            if language in ("", *SHELL) and code not in self.programs
            for line in code.replace("\\\n", "").splitlines()
        )
        typed = (found[1] for found in map(COMMAND.fullmatch, lines) if found)
        return [each.removeprefix(".venv/bin/") for line in typed for each in BETWEEN.split(line) if each]

    @cached_property
    def mentions(self) -> list[str]:
        """The commands of `nnexp` that its sentences name."""
        return [token.content for token in self._words if token.type == "code_inline" and NAMED.match(token.content)]

    @cached_property
    def links(self) -> list[str]:
        """Where its links and pictures lead, those to other sites left out."""
        found = (
            str(token.attrs.get("href") or token.attrs.get("src") or "")
            for token in self._words
            if token.type in ("link_open", "image")
        )
        raw = re.findall(r'(?:src|srcset|href)="(.+?)"', self.text)
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


@cache
def pages() -> list[Page]:
    """All of them, in order."""
    below = (file for folder in FOLDERS for kind in ("*.md", "*.ipynb") for file in (ROOT / folder).rglob(kind))
    return [Page(path) for path in sorted([*ROOT.glob("*.md"), *below])]


@cache
def commands() -> list[str]:
    """Every command of every page, each once; the changelog tells of earlier ones."""
    return list(dict.fromkeys(each for page in pages() if page.name != "CHANGELOG.md" for each in page.commands))
