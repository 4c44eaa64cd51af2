"""What Hydra, and sweepers other than ours, are told of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig

from nnexp.config.schema import CONF, register
from nnexp.data.sources.digits import Digits
from nnexp.errors import JobFailed
from nnexp.runner.hydra_task import task

TINY = ["data=digits", "sizes=[64,10]", "epochs=2", "pictures=false", "tracking=off", "eta=1,3"]


@pytest.fixture
def multirun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Hydra's own sweeper: what it is told of each run with these words."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(HydraConfig.instance(), "cfg", None)
    register()

    def run(*words: str) -> Any:
        with initialize_config_dir(str(CONF), version_base="1.3"):
            hydra = GlobalHydra.instance().hydra
            assert hydra
            (batch,) = hydra.multirun("config", task, ["hydra/sweeper=basic", *words], with_log_configuration=False)
        return batch

    return run


def test_hydras_own_sweeper_is_told_the_best_validation_accuracy(multirun: Any, tmp_path: Path) -> None:
    values = [each.return_value for each in multirun(*TINY)]
    assert [type(value) for value in values] == [float, float]
    assert all(0.1 < value <= 1 for value in values)
    assert len(set(values)) == 2
    assert len(list(tmp_path.glob("outputs/*/*/*/config.yaml"))) == 2


def test_hydras_own_sweeper_is_told_the_line_that_a_bug_is_in(multirun: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(_: Digits) -> None:
        raise ZeroDivisionError("mine")  # the line

    monkeypatch.setattr(Digits, "load", load)
    with pytest.raises(JobFailed, match=r"(?s)ZeroDivisionError: mine\n.*raise ZeroDivisionError.*# the line"):
        multirun(*TINY)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["experiments=eta"],
            "experiments: eta is a sweep over eta, seed: add -m, or for one run of it choose, such as eta=0.03",
        ),
        (["search=tpe"], "search: is for sweeps: python -m nnexp.run -m search=... eta='interval(1,10)'"),
    ],
)
def test_what_is_for_a_sweep_is_refused_without_m(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(HydraConfig.instance(), "cfg", None)
    register()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        hydra = GlobalHydra.instance().hydra
        assert hydra
        with pytest.raises(SystemExit, match="2"):
            hydra.run("config", task, words, with_log_configuration=False)
    assert capsys.readouterr().err == f"{said}\n"
