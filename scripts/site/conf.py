"""The site: the repository's pages, where they are, with a sidebar. `bash scripts/site/build` makes it with Sphinx."""

from __future__ import annotations

import logging
import re
import shutil
import sys
import tomllib
from pathlib import Path

from docutils import nodes
from jupyter_client.manager import KernelManager
from sphinx.addnodes import download_reference, pending_xref
from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).parent))
from accessible import mend
from code_blocks import COPIED, LEFT_OUT, name_languages
from docstrings import mark_up, name_types
from sidebar import toctrees

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
SOURCE = PROJECT["urls"]["Source"]

# Sphinx's settings
project = html_title = PROJECT["name"]
release = PROJECT["version"]
copyright = "the nnexp authors"  # noqa: A001  # Sphinx's name for it
root_doc = "README"
include_patterns = ["*.md", "**/*.md", "experiments/*.ipynb"]
exclude_patterns = [".*", "build", "dist", "outputs", "mlruns"]
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx_copybutton"]
nitpick_ignore_regex = [("py:.*", ".*")]  # types of other packages, whose pages are not asked
highlight_language = "none"
smartquotes = False
autodoc_member_order = "bysource"
autodoc_type_aliases = {name: name for name in ("Array", "Arrays", "Columns", "Pairs")}
default_role = "code"  # in docstrings
maximum_signature_line_length = 88

html_theme = "furo"
html_theme_options = {"source_repository": SOURCE, "source_branch": "main", "source_directory": ""}
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_use_index = False

myst_heading_anchors = 4
myst_enable_extensions = ["attrs_inline"]
copybutton_selector = COPIED
copybutton_exclude = LEFT_OUT

nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_merge_streams = True
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # nothing is fetched from elsewhere
logging.getLogger("traitlets").setLevel(logging.WARNING)
KernelManager.transport_encryption.default_value = "auto"  # else each notebook's kernel warns that others might listen

PICTURE = re.compile(r'<picture><source [^>]*srcset="(.+?)"><img alt="(.+?)" src="(.+?)"></picture>')


def setup(app: Sphinx) -> None:
    """Tell Sphinx what is done with a page on its way."""
    app.connect("source-read", read)
    app.connect("doctree-read", link_files_and_folders, priority=100)  # before Sphinx collects them as downloads
    app.connect("doctree-read", name_languages)
    app.connect("autodoc-process-docstring", mark_up)
    app.connect("autodoc-process-signature", name_types)
    app.connect("build-finished", finish)


def read(app: Sphinx, page: str, source: list[str]) -> None:
    """Pictures for a light and a dark page follow the site's own switch; the front page gets the sidebar."""
    source[0] = PICTURE.sub(r"![\2](\3){.only-light}![\2](\1){.only-dark}", source[0])
    if page == root_doc:
        source[0] += toctrees(app.env.found_docs)


def link_files_and_folders(app: Sphinx, tree: nodes.document) -> None:
    """A link to a folder leads to the folder's page; one to anything else that is no page leads into the repository."""
    folder = (ROOT / app.env.docname).parent
    for link in [*tree.findall(download_reference), *tree.findall(pending_xref)]:
        path = folder.joinpath(link["reftarget"]).resolve()
        if link["refdomain"] or not path.exists() or not path.is_relative_to(ROOT):
            continue
        name = path.relative_to(ROOT).as_posix()
        if f"{name}/README" in app.env.found_docs:
            link.attributes |= {"refdomain": "doc", "reftarget": f"{name}/README", "reftargetid": None}
        else:
            link.replace_self(nodes.reference("", "", *link.children, refuri=f"{SOURCE}/blob/main/{name}"))


def finish(app: Sphinx, error: Exception | None) -> None:
    """Pages are mended, and the front page has the name that servers look for as well."""
    if not error:
        mend(Path(app.outdir))
        shutil.copy(app.outdir / f"{root_doc}.html", app.outdir / "index.html")
