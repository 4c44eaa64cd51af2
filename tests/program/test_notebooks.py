"""The example notebooks run from top to bottom, and are stored without what they have printed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pages import ROOT
from running import PATIENCE, environment

NOTEBOOKS = sorted((ROOT / "experiments").glob("*.ipynb"))
RUN = """
import sys
import nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[2])
"""


def cells(notebook: Path) -> list[dict[str, Any]]:
    """Its cells of code."""
    return [cell for cell in json.loads(notebook.read_text())["cells"] if cell["cell_type"] == "code"]


def executed(name: str, folder: Path) -> str:
    """All that the notebook shows when it is run in the folder, as text."""
    done = folder / "done.ipynb"
    own = environment() | {"IPYTHONDIR": str(folder), "TMPDIR": str(folder)}
    words = [sys.executable, "-c", RUN, str(ROOT / "experiments" / name), str(done)]
    ran = subprocess.run(words, cwd=folder, env=own, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert ran.returncode == 0, ran.stderr
    assert not list(folder.glob("tmp*"))  # what the runs have left
    outputs = [output for cell in cells(done) for output in cell["outputs"]]
    return "".join("".join(each.get("text") or each.get("data", {}).get("text/plain", "")) for each in outputs)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_as_it_was_written(notebook: Path) -> None:
    assert [cell for cell in cells(notebook) if cell["outputs"] or cell["execution_count"]] == []


@pytest.mark.slow
def test_the_first_run_is_trained_once_and_looked_up_afterwards(tmp_path: Path) -> None:
    shown = executed("first-run.ipynb", tmp_path)
    assert "of the test images are right" in shown
    assert "(False, True)" in shown
    assert "eta: got -1.0, expected a number > 0" in shown


@pytest.mark.slow
def test_the_first_sweep_comes_to_a_verdict_and_goes_on_with_more_seeds(tmp_path: Path) -> None:
    shown = executed("first-sweep.ipynb", tmp_path)
    assert "eta=" in shown
    assert "done    15" in shown
    assert "new      9" in shown


@pytest.mark.slow
def test_the_network_from_scratch_has_the_gradients_and_the_weights_of_nnexp(tmp_path: Path) -> None:
    """The notebook asserts it."""
    shown = executed("from-scratch.ipynb", tmp_path)
    assert "largest difference" in shown
    assert "Epoch 2: " in shown


def test_none_is_left_out() -> None:
    assert [each.name for each in NOTEBOOKS] == ["first-run.ipynb", "first-sweep.ipynb", "from-scratch.ipynb"]


ENDING = """
import psutil
import nnexp
nnexp.sweep(data="digits", sizes=[64, 10], epochs=1, seed=[0, 1], pictures=False, tracking="off")
print("started", len(psutil.Process().children()))
get_ipython().exit_now = True  # as the kernel says when it is told to end
print("left", len(psutil.Process().children()))
"""


@pytest.mark.slow
def test_what_a_sweeps_workers_are_started_by_does_not_outlast_the_kernel(tmp_path: Path) -> None:
    import nbformat

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(ENDING)])
    nbformat.write(notebook, tmp_path / "ending.ipynb")
    shown = executed(str(tmp_path / "ending.ipynb"), tmp_path)
    assert "started 2" in shown
    assert "left 0" in shown
