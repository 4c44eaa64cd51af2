"""The site has every page, and what `import nnexp` gives. That it is built without a warning is seen by .ci/run."""

from __future__ import annotations

import re
import sys

import pytest
from pages import ROOT, pages

import nnexp

SITE = ROOT / "scripts" / "site"
PAGES = {page.name.rpartition(".")[0] for page in pages()} | {"nnexp/new/README"}


@pytest.fixture
def toctrees(monkeypatch: pytest.MonkeyPatch) -> str:
    """The sidebar."""
    monkeypatch.syspath_prepend(SITE)
    monkeypatch.delitem(sys.modules, "sidebar", raising=False)
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


def test_ci_builds_it() -> None:
    assert "bash scripts/site/build" in (ROOT / ".ci" / "run").read_text().splitlines()
