"""Where a sweep's jobs write, and how they log: as Hydra's settings say it."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from configs import config
from hydra import compose, initialize_config_dir
from hydra.core.hydra_config import HydraConfig

import nnexp
from nnexp.config.job_log import open_log
from nnexp.config.schema import CONF, register
from nnexp.config.sweep_settings import Membership
from nnexp.errors import ConfigError
from nnexp.runner.job import Job, Place

sys.path.append(str(Path(nnexp.__file__).parent / "plugins"))
TYPED = ("data=digits", "sizes=[64,10]", "eta=0.5", "cost=cross_entropy")


def sweeper(*words: str) -> Any:
    """Ours, with the configuration that Hydra gives it."""
    from hydra_plugins.nnexp_sweeper import DurableSweeper

    register()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        made = DurableSweeper({})
        composed = compose("config", ["hydra.mode=MULTIRUN", *words], return_hydra_config=True)
    made.setup(hydra_context=SimpleNamespace(config_loader=None), task_function=None, config=composed)
    return made


@pytest.fixture(autouse=True)
def hydra_config(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HydraConfig.instance(), "cfg", None)


def place(*words: str) -> Place:
    """That of the sweep's job number 7."""
    found = sweeper(*words)._place(7, Job(config(*TYPED), Membership("first", ("eta",)), "key", TYPED))
    assert isinstance(found, Place)
    return found


@pytest.mark.parametrize(
    ("subdir", "name"),
    [
        ("${hydra.job.num}", "7"),
        ("${hydra:job.num}-${eta}", "7-0.5"),
        ("${cost.kind}/${hydra.runtime.choices.cost}", "cross_entropy/cross_entropy"),
        ("${hydra.job.override_dirname}", "cost=cross_entropy,data=digits,eta=0.5,sizes=[64,10]"),
    ],
)
def test_a_jobs_folder_may_be_called_after_its_number_and_its_settings(subdir: str, name: str, tmp_path: Path) -> None:
    assert place(f"hydra.sweep.dir={tmp_path}", f"hydra.sweep.subdir='{subdir}'").folder == tmp_path / name


def test_each_job_has_its_own_settings_in_its_folders_name(tmp_path: Path) -> None:
    made = sweeper(
        f"hydra.sweep.dir={tmp_path}", "hydra.sweep.subdir='${hydra.job.num}-${eta}-${cost.kind}-${stopping.kind}'"
    )
    jobs = [["eta=0.5", "cost=cross_entropy"], ["eta=0.5"], ["stopping=no_improvement"]]
    placed = [
        made._place(number, Job(config(*words), Membership("first", ()), "key", tuple(words)))
        for number, words in enumerate(jobs)
    ]
    names = ["0-0.5-cross_entropy-never", "1-0.5-quadratic-never", "2-3.0-quadratic-no_improvement"]
    assert [each.folder.name for each in placed] == names


def test_a_job_logs_into_its_folder(tmp_path: Path) -> None:
    found = place(f"hydra.sweep.dir={tmp_path}")
    found.folder.mkdir()
    handlers, level = list(logging.root.handlers), logging.root.level
    try:
        assert found.log
        open_log(found.log, found.verbose)
        logging.getLogger("nnexp.test").info("hello")
    finally:
        for handler in logging.root.handlers:
            handler.close()
        logging.root.handlers[:], logging.root.level = handlers, level
    assert (tmp_path / "7/run.log").read_text().endswith("INFO nnexp.test: hello\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["hydra/launcher=basic"], "hydra/launcher: got hydra/launcher=basic, expected one of launch="),
        (["hydra.job.chdir=true"], "hydra.job.chdir: got True, which a sweep's jobs have no use for"),
        (["hydra.output_subdir=x"], "hydra.output_subdir: got x, which a sweep's jobs have no use for"),
    ],
)
def test_what_our_sweeps_do_not_go_by_is_refused(words: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        sweeper(*words).sweep(["seed=0,1"])
