"""The launcher: Hydra's own test suite for launchers, and what it promises beyond."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hydra import version
from hydra.core.plugins import Plugins
from hydra.plugins.launcher import Launcher
from hydra.test_utils.launcher_common_tests import BatchedSweeperTestSuite, IntegrationTestSuite, LauncherTestSuite
from hydra.version import VersionBase

import nnexp

PLUGINS = Path(nnexp.__file__).parent / "plugins"
sys.path.append(str(PLUGINS))


def test_it_is_found() -> None:
    assert "WorkersLauncher" in [found.__name__ for found in Plugins.instance().discover(Launcher)]


@pytest.fixture
def no_version_base(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in an application that does not say which version of Hydra it was written for."""
    monkeypatch.setattr(VersionBase.instance(), "version_base", version._UNSPECIFIED_)


@pytest.mark.usefixtures("no_version_base")
@pytest.mark.parametrize(("launcher_name", "overrides"), [("nnexp", [])])
class TestLauncher(LauncherTestSuite):
    """Hydra's tests of a launcher."""


@pytest.mark.usefixtures("no_version_base")
@pytest.mark.parametrize(("launcher_name", "overrides"), [("nnexp", ["hydra.sweeper.max_batch_size=2"])])
class TestBatches(BatchedSweeperTestSuite):
    """Hydra's tests of a launcher that is given a sweep in parts."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("task_launcher_cfg", "extra_flags"),
    [({"defaults": [{"override hydra/launcher": "nnexp"}]}, ["-m"])],
)
class TestLauncherInAnApplication(IntegrationTestSuite):
    """Hydra's tests of a launcher in applications of their own."""

    @pytest.fixture(autouse=True)
    def where_the_launcher_is(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(PLUGINS), os.environ.get("PYTHONPATH", "")]))
