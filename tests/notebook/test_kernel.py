"""The end of a Jupyter kernel in which a sweep was done."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest
from traitlets import Bool, HasTraits

from nnexp.launch import fork_server
from nnexp.notebook.kernel import shell, workers_end_first


class Shell(HasTraits):
    """What there is of IPython's."""

    exit_now = Bool(False)
    kernel: Any = None


@pytest.fixture
def stops(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A word for each time that the server is stopped."""
    told: list[str] = []
    monkeypatch.setattr(fork_server, "stop", lambda: told.append("stopped"))
    return told


def test_a_script_has_no_kernel(stops: list[str]) -> None:
    assert shell() is None
    workers_end_first()
    assert stops == []


def test_the_server_is_stopped_once_however_many_sweeps_there_were(
    monkeypatch: pytest.MonkeyPatch, stops: list[str]
) -> None:
    kernels = Shell()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: kernels))
    workers_end_first()
    workers_end_first()
    assert stops == []
    kernels.exit_now = True
    assert stops == ["stopped"]
