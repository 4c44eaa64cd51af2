"""A whole run in this process: stopped by its rule, cut short anywhere, resumed, looked up, verified."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import client_of
from configs import config
from datasets import npz, pixels
from running import give_store

from nnexp.config.schema import Config
from nnexp.errors import DataError
from nnexp.predict.trained import of_path
from nnexp.runner import training_loop
from nnexp.runner.one_run import one_run
from nnexp.runner.result import Result
from nnexp.runner.verify import verify
from nnexp.tracking.run_store import StoredRun
from nnexp.train.events import EpochDone
from nnexp.train.trainer import train

# MLflow 3.17 calls what SQLAlchemy 2.1 deprecates, and warns of its own type hints while it is imported.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*type hint:UserWarning"),
]

WORDS = ("data=digits", "sizes=[64,12,10]", "epochs=60", "eta=0.3", "pictures=false", "checkpoint_seconds=0")
PARTS = ("optimiser=momentum", "regulariser=l2", "schedule=step", "schedule.every=3")
STOPPING = ("stopping=no_improvement", "stopping.epochs=3")


def config_in(folder: Path, store: str) -> Config:
    """The configuration with a store of this kind in the folder."""
    words = [*WORDS, *PARTS, *STOPPING, f"tracking={store}"]
    if store == "folder":
        return config(*words, f"tracking.path={folder}/runs")
    return config(*words, f"tracking.uri=sqlite:///{give_store(folder)}/mlflow.db")


class Stopped:
    """A run in a folder of its own, that its rule has stopped."""

    def __init__(self, folder: Path, store: str) -> None:
        self.folder = folder
        self.store = store
        self.config = config_in(folder, store)
        self.result = one_run(self.config, folder / "run")

    @property
    def stored(self) -> StoredRun:
        return found(self.config, self.result)


def found(config: Config, result: Result) -> StoredRun:
    """The run as its store has it."""
    store = config.tracking.open()
    assert store is not None
    (run,) = store.beginning(result.run_id)
    return run


def weights_of(result: Result) -> list[str]:
    return [each.weights for each in result.history.epochs]


@pytest.fixture(scope="module", params=["mlflow", "folder"])
def stopped(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stopped]:
    folder = tmp_path_factory.mktemp("stopped")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield Stopped(folder, request.param)


def test_it_is_finished_after_fewer_epochs_than_it_might_have_had(stopped: Stopped) -> None:
    last = stopped.result.history.epochs[-1].epoch
    assert 3 < last < 60
    assert last - stopped.result.history.chosen.epoch == 3
    assert stopped.stored.finished


def test_it_says_why_in_its_log_and_in_a_tag(stopped: Stopped) -> None:
    reason = stopped.config.stopping.reason(stopped.result.history.epochs)
    assert reason
    assert stopped.stored.tags["nnexp.stopped"] == reason


def test_it_ends_with_the_weights_of_its_best_epoch_in_every_file(stopped: Stopped) -> None:
    best = stopped.result.history.chosen.weights
    assert stopped.result.network.fingerprint() == best
    assert of_path(stopped.folder / "run").network.fingerprint() == best
    assert of_path(stopped.folder / "run", best=True).network.fingerprint() == best


def test_its_model_if_the_store_has_models_is_filed_at_the_best_epoch(stopped: Stopped) -> None:
    if stopped.store == "folder":
        assert stopped.stored.store.model(stopped.stored) is None
        return
    outputs = client_of(stopped.folder).get_run(stopped.result.run_id).outputs.model_outputs
    assert [each.step for each in outputs] == [stopped.result.history.chosen.epoch]


def test_it_is_looked_up_and_not_trained_again(stopped: Stopped) -> None:
    again = one_run(stopped.config, stopped.folder / "again")
    assert (again.how, weights_of(again)) == ("found", weights_of(stopped.result))
    assert again.network.fingerprint() == stopped.result.history.chosen.weights


def test_it_is_verified_over_as_many_epochs_as_were_trained(stopped: Stopped) -> None:
    verdict = verify(stopped.stored)
    assert (verdict.identical, verdict.epochs) == (True, len(stopped.result.history.epochs))


def test_another_rule_in_its_place_departs_in_nothing_but_the_setting(stopped: Stopped) -> None:
    verdict = verify(stopped.stored, ["stopping=never"])
    assert verdict.departs is None
    assert "setting stopping: was no_improvement, is never" in verdict.changed


def test_its_best_weights_are_not_taken_for_the_last_of_a_run_without_a_rule(stopped: Stopped, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    for name in ("epochs.json", "config.yaml", "weights.npz"):
        (folder / name).write_bytes((stopped.folder / "run" / name).read_bytes())
    text = (folder / "config.yaml").read_text()
    text = text.replace("kind: no_improvement", "kind: never").replace("restore_best: true", "restore_best: false")
    (folder / "config.yaml").write_text(text)
    with pytest.raises(DataError, match="holds weights of hash"):
        of_path(folder)


@pytest.mark.slow
@pytest.mark.parametrize("after", ["the middle", "the last epoch"])
def test_cut_short_and_started_again_it_is_the_unbroken_run(
    stopped: Stopped, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    epochs = stopped.result.history.epochs
    last = len(epochs) // 2 if after == "the middle" else epochs[-1].epoch

    def cut(*arguments: Any) -> Iterator[EpochDone]:
        for event in train(*arguments):
            yield event
            if event.epoch == last:
                raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    config = config_in(tmp_path, stopped.store)
    monkeypatch.setattr(training_loop, "train", cut)
    with pytest.raises(KeyboardInterrupt):
        one_run(config, tmp_path / "cut")
    monkeypatch.setattr(training_loop, "train", train)
    again = one_run(config, tmp_path / "again")
    assert again.how == "continued"
    assert weights_of(again) == weights_of(stopped.result)
    assert again.network.fingerprint() == stopped.result.network.fingerprint()
    metrics = found(config, again).metrics
    same = ("test_accuracy", "validation_accuracy", "train_cost", "learning_rate", "best_validation_accuracy")
    assert {name: metrics[name] for name in same} == {name: stopped.stored.metrics[name] for name in same}


@pytest.mark.parametrize(("largest", "warnings"), [(790, 1), (1, 0)])
def test_a_run_warns_of_inputs_that_are_not_scaled(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, largest: float, warnings: int
) -> None:
    path = npz(tmp_path, x_train=pixels(24) / 255 * largest, x_test=pixels(10) / 255 * largest)
    words = ("data=npz", f"data.path={path}", "sizes=[16,10]", "epochs=1", "tracking=off", "pictures=false")
    one_run(config(*words), tmp_path / "run")
    told = [record for record in caplog.records if record.getMessage().startswith("inputs are not scaled: they lie")]
    assert len(told) == warnings
