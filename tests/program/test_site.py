"""The site has every page, and what `import nnexp` gives. That it is built without a warning is seen by .ci/run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docutils import nodes
from docutils.utils import new_document
from pages import COMMAND, ROOT, pages

import nnexp

SITE = ROOT / "scripts" / "site"
PAGES = {page.name.rpartition(".")[0] for page in pages()} | {"nnexp/new/README"}


@pytest.fixture(autouse=True)
def _parts_of_the_site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(SITE)


@pytest.fixture
def toctrees() -> str:
    """The sidebar."""
    from sidebar import toctrees

    return toctrees(PAGES)


def test_every_page_but_the_front_page_is_in_the_sidebar_once(toctrees: str) -> None:
    listed = re.findall(r"^/(.+)$", toctrees, re.MULTILINE)
    assert sorted(listed) == sorted(PAGES - {"README"})


def test_a_new_page_joins_the_last_chapter(toctrees: str) -> None:
    assert toctrees.index("/nnexp/new/README") > toctrees.index(":caption: The project")


def test_what_nnexp_exports_is_on_the_page_on_python() -> None:
    page = (SITE / "python.md").read_text()
    assert set(re.findall(r"auto(?:function|class):: (\w+)$", page, re.MULTILINE)) >= {*nnexp.__all__}


def blocks(code: str) -> list[tuple[str, str]]:
    """The language and the text of what the site makes of a block of code that names no language."""
    from code_blocks import name_languages

    tree = new_document("page")
    tree += nodes.literal_block(code, code, language="none")
    name_languages(None, tree)
    return [(block["language"], block.astext()) for block in tree.findall(nodes.literal_block)]


def test_the_commands_of_every_page_can_be_copied() -> None:
    plain = [code for page in pages() for language, code in page.blocks if not language and code not in page.programs]
    typed = [code for code in plain if any(map(COMMAND.fullmatch, code.splitlines()))]
    assert typed
    assert [code for code in typed if blocks(code)[0][0] != "sh"] == []


def test_python_can_be_copied_with_its_empty_lines() -> None:
    code = "import nnexp\n\nnnexp.runs()"
    assert blocks(code) == [("python", code)]


def test_what_a_command_prints_is_not_copied_with_it() -> None:
    assert blocks("nnexp presets\n\nquick\n\nbest") == [("sh", "nnexp presets"), ("none", "quick\n\nbest")]


def test_what_is_printed_is_not_copied() -> None:
    assert blocks("epoch  0/30  test 9.82 %") == [("none", "epoch  0/30  test 9.82 %")]


def described(docstring: str) -> str:
    """A docstring as the page on Python shows it."""
    from docstrings import mark_up

    lines = docstring.split("\n")
    mark_up(None, "", "", None, None, lines)
    return "\n".join(lines)


def test_names_that_a_sentence_describes_stand_out() -> None:
    assert described("A network.\n\neta, epochs,\nseed: numbers. name: a text.") == (
        "A network.\n\n**eta, epochs,\nseed**: numbers. **name**: a text.\n"
    )


def test_a_word_before_a_colon_within_a_sentence_does_not_stand_out() -> None:
    assert described("It takes a list of\nlists: `[[1], [2]]`.") == "It takes a list of\nlists: `[[1], [2]]`.\n"


def test_another_version_of_the_theme_that_has_not_what_is_replaced_is_an_error(tmp_path: Path) -> None:
    from accessible import mend
    from sphinx.errors import ExtensionError

    (tmp_path / "index.html").write_text("<pre>of another theme</pre>")
    with pytest.raises(ExtensionError, match=r"(?s)on no page of the theme: (?!.*<pre>).*'<div class=\"table-wrapper'"):
        mend(tmp_path)


def test_ci_builds_it() -> None:
    assert "bash scripts/site/build" in (ROOT / ".ci" / "run").read_text().splitlines()
