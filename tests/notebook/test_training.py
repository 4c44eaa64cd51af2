"""`train_run`: the way of a notebook."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import client_of
from running import environment, give_store, run_nnexp

from nnexp.config.schema import Config
from nnexp.nn.network import Network
from nnexp.notebook import training
from nnexp.runner.result import Result
from nnexp.train.history import History

# MLflow 3.17 reads the store through calls that SQLAlchemy 2.1 calls deprecated.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of 3 epochs."""
    folder = tmp_path_factory.mktemp("cli")
    give_store(folder)
    client_of(folder)  # imports MLflow without its warnings
    done = run_nnexp(folder, "experiments=quick", "pictures=false", "epochs=3", "eta=3")
    assert done.returncode == 0, done.stderr
    return folder


def test_train_run_gives_history_and_network_and_looks_a_finished_run_up(folder: Path) -> None:
    script = """
from nnexp import train_run
settings = dict(data="digits", sizes=[64, 30, 10], epochs=3, eta=3)
result = train_run(**settings)
print(result.trained, len(result.history.epochs), result.network.sizes, round(result.objective, 3) > 0.8)
other = train_run(**settings, seed=9)
print(other.trained, other.network.fingerprint() == other.history.epochs[-1].weights)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-2:] != []
    assert "False 4 [64, 30, 10] True" in done.stdout
    assert "True True" in done.stdout


def test_train_run_raises_all_problems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nnexp import train_run
    from nnexp.errors import ConfigError

    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        train_run(eta=-1, seed=-1)
    assert len(caught.value.problems) == 2
    assert list(tmp_path.iterdir()) == []


def test_each_train_run_has_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    folders: set[Path] = set()

    def one_run(_: Config, folder: Path, **__: Any) -> Result:
        folders.add(folder)
        return Result(Network([4, 2]), History())

    monkeypatch.setattr(training, "one_run", one_run)
    for _ in range(5):
        training.train_run()
    assert len(folders) == 5


def test_a_run_is_looked_up_while_no_other_process_can_begin_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nnexp import train_run
    from nnexp.runner import resume
    from nnexp.tracking.run_store import RunStore

    steps: list[str] = []
    alone, earlier = resume.alone, resume.earlier

    @contextlib.contextmanager
    def noted_alone(store: RunStore, key: str) -> Iterator[None]:
        with alone(store, key):
            steps.append("alone")
            yield
        steps.append("not alone")

    def noted_earlier(store: RunStore, key: str, how: str) -> Any:
        steps.append("look up")
        return earlier(store, key, how)

    monkeypatch.setattr(resume, "alone", noted_alone)
    monkeypatch.setattr(resume, "earlier", noted_earlier)
    monkeypatch.chdir(folder)
    train_run(data="digits", sizes=[64, 30, 10], epochs=3, eta=3)
    assert steps == ["alone", "look up", "not alone"]
