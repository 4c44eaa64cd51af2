"""Commands that change runs: nnexp's alone, and none that is being trained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from commands import client_of, nnexp
from running import give_store

from nnexp.config.compose import config_of
from nnexp.runtime.heartbeat import this_process

# MLflow 3.17 reads the store through calls that SQLAlchemy 2.1 calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an empty store."""
    return give_store(tmp_path)


def run_in(folder: Path, status: str, **tags: str) -> str:
    """A run in the store with this status and these tags; gives its id."""
    client = client_of(folder)
    experiment = client.get_experiment_by_name("nnexp")
    experiment_id = experiment.experiment_id if experiment else client.create_experiment("nnexp")
    run_id = str(client.create_run(experiment_id, tags=tags).info.run_id)
    client.update_run(run_id, status=status)
    return run_id


def being_trained(folder: Path) -> str:
    """A run that this process is training, with what it keeps from its start on."""
    from omegaconf import OmegaConf

    run_id = run_in(folder, "RUNNING", **this_process(), **{"nnexp.key": "its key"})
    config: Any = config_of(["data=digits", "sizes=[64,8,10]"])
    client_of(folder).log_text(run_id, OmegaConf.to_yaml(config), "config.yaml")
    return run_id


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the front door was told; empty if it was not called."""
    words: list[str] = []
    monkeypatch.setattr("nnexp.cli.rerun.start", lambda *said: words.extend(said))
    return words


def test_clean_leaves_runs_of_other_programs(folder: Path) -> None:
    others = run_in(folder, "FINISHED", name="somebody else's")
    own = run_in(folder, "FINISHED", **{"nnexp.key": "its key"})
    done = nnexp(folder, "clean", "--keep", "0", "--yes", "--json")
    assert [row["id"] for row in json.loads(done.stdout)["runs"]] == [own]
    assert client_of(folder).get_run(others).info.lifecycle_stage == "active"


def test_a_running_run_of_another_program_is_not_called_dead(folder: Path) -> None:
    others = run_in(folder, "RUNNING", name="somebody else's")
    assert nnexp(folder, "runs", "--mark-dead").stdout.endswith("0 set to KILLED\n")
    assert client_of(folder).get_run(others).info.status == "RUNNING"


@pytest.mark.parametrize("overrides", [[], ["pictures=false"], ["eta=3.0"]])
def test_rerun_refuses_a_run_that_is_being_trained(folder: Path, words: list[str], overrides: list[str]) -> None:
    run_id = being_trained(folder)
    done = nnexp(folder, "rerun", run_id, *overrides)
    assert (done.returncode, words) == (2, [])
    assert done.stderr == (
        f"run: got {run_id}, which is being trained at this moment, expected one that has ended; "
        "resume=auto waits for it\n"
    )


@pytest.mark.parametrize("override", ["seed=1", "resume=auto", "resume=never"])
def test_rerun_of_a_run_that_is_being_trained_takes_other_settings_or_a_word(
    folder: Path, words: list[str], override: str
) -> None:
    done = nnexp(folder, "rerun", being_trained(folder), override)
    assert (done.returncode, words[-1]) == (0, override)
