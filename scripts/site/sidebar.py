"""The site's sidebar: which pages there are, in the order in which one may want to read them."""

from __future__ import annotations

from collections.abc import Iterator, Set

FRONT = "README"
CHAPTERS = {
    "First steps": (
        "experiments/first-run",
        "experiments/first-sweep",
        "experiments/from-scratch",
        "nnexp/coming-from",
        "experiments/README",
    ),
    "Using it": (
        "nnexp/runner/README",
        "nnexp/data/README",
        "nnexp/sweeps/README",
        "nnexp/comparison/README",
        "nnexp/searches/README",
        "nnexp/predict/README",
        "nnexp/notebook/README",
        "nnexp/launch/README",
        "nnexp/tracking/README",
        "scripts/server/README",
    ),
    "Reference": (
        "conf/README",
        "nnexp/cli/README",
        "scripts/site/python",
        "nnexp/nn/README",
    ),
    "The project": (
        "nnexp/README",
        "tests/README",
        "CONTRIBUTING",
        "CHANGELOG",
        "nnexp/data/MNIST-LICENSE",
    ),
}
LAST = "The project"  # takes in what has no place of its own


def chapters(pages: Set[str]) -> Iterator[tuple[str, list[str]]]:
    """Each chapter with those of its pages that there are; together they are all but the front page."""
    placed = {FRONT, *(page for names in CHAPTERS.values() for page in names)}
    for title, names in CHAPTERS.items():
        yield title, [*(page for page in names if page in pages), *(sorted(pages - placed) if title == LAST else [])]


def toctrees(pages: Set[str]) -> str:
    """The sidebar in the words of MyST, to be put behind the front page's text."""
    return "".join(
        f"\n\n```{{toctree}}\n:hidden:\n:caption: {title}\n\n" + "\n".join(f"/{page}" for page in listed) + "\n```\n"
        for title, listed in chapters(pages)
    )
