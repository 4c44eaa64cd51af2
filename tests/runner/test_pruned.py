"""A run that a study has ended: kept whole, looked up, gone on with to the last bit, and compared with nothing."""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import optuna
import pytest
from configs import config
from running import give_store
from training import measured

from nnexp.comparison.load import trials
from nnexp.config.schema import Config
from nnexp.runner import training_loop
from nnexp.runner.checkpoint_folders import CHECKPOINTS, tidy
from nnexp.runner.one_run import one_run
from nnexp.runner.result import Result
from nnexp.runner.verify import verify
from nnexp.study.journal import storage
from nnexp.study.question import Question
from nnexp.sweeps.resume import stored
from nnexp.tracking.run_facts import facts
from nnexp.tracking.run_store import RunStore, StoredRun
from nnexp.train.events import EpochDone
from nnexp.train.trainer import train

# MLflow 3.17 calls what SQLAlchemy 2.1 deprecates, and warns of its own type hints while it is imported.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*type hint:UserWarning"),
]

EPOCHS, ENDED = 5, 3
WORDS = ("data=digits", "sizes=[64,10]", "optimiser=momentum", f"epochs={EPOCHS}", "pictures=false", "eta=0.1")
HARD = (0.0, 0.0, 0.0, 1.0, 1.0, 1.0)  # a curve that nobody keeps up with at ASHA's second rung, epoch 3
EASY = (0.0,) * (EPOCHS + 1)
BOTH = pytest.mark.parametrize("kind", ["folder", "mlflow"])


def asked(folder: Path, study: str = "first", curve: tuple[float, ...] = HARD) -> Question:
    """What the second trial asks, in a study whose first has had this curve."""
    journal = folder / "study.log"
    made = optuna.create_study(storage=storage(journal), study_name=study, direction="maximize")
    first = Question(str(journal), study, made.ask().number, "asha", EPOCHS)
    first.report(measured(*curve))
    made.tell(first.trial, max(curve))
    return Question(str(journal), study, made.ask().number, "asha", EPOCHS)


def reported(question: Question) -> dict[int, float]:
    """What the study knows of the question's trial."""
    study = optuna.load_study(study_name=question.study, storage=storage(Path(question.journal)))
    return study.get_trials()[question.trial].intermediate_values


class Place:
    """A folder with a store, and the same run in it, asking or not."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.folder = folder
        tracking = f"tracking.path={folder}/runs" if kind == "folder" else f"tracking.uri=sqlite:///{folder}/mlflow.db"
        if kind == "mlflow":
            give_store(folder)
        self.config: Config = config(*WORDS, f"tracking={kind}", tracking)
        self.starts = 0

    def run(self, question: Question | None = None) -> Result:
        self.starts += 1
        return one_run(self.config, self.folder / f"run {self.starts}", question=question)

    @property
    def store(self) -> RunStore:
        store = self.config.tracking.open()
        assert store is not None
        return store

    @property
    def stored(self) -> StoredRun:
        (run,) = self.store.search()
        return run

    @property
    def checkpoints(self) -> list[str]:
        return sorted(path.name for path in (self.folder / CHECKPOINTS).glob("*/*.npz"))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> Place:
    monkeypatch.chdir(tmp_path)
    return Place(tmp_path, kind)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The same where the store's kind makes no difference."""
    monkeypatch.chdir(tmp_path)
    return Place(tmp_path, "folder")


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The hashes of the run's weights, epoch by epoch, as nobody has ended it."""
    run = config(*WORDS, "tracking=off")
    folder = tmp_path_factory.mktemp("unbroken")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return weights(one_run(run, folder / "run"))


def weights(result: Result) -> list[str]:
    return [each.weights for each in result.history.epochs]


def cut_after(last: int, then: Any = KeyboardInterrupt) -> Any:
    """A training loop in which something happens after an epoch."""

    def cut(*arguments: Any) -> Iterator[EpochDone]:
        for event in train(*arguments):
            yield event
            if event.epoch == last:
                if then is KeyboardInterrupt:
                    raise then
                then()

    return cut


@BOTH
def test_it_is_finished_with_all_its_epochs_and_says_by_which_study_and_why(place: Place, unbroken: list[str]) -> None:
    result = place.run(asked(place.folder))
    run = place.stored
    assert weights(result) == unbroken[: ENDED + 1]
    assert result.outcome({}).state == "pruned"
    assert (run.status, run.state, run.finished, run.pruned_by) == ("FINISHED", "PRUNED", False, "first")
    assert run.tags["nnexp.stopped"].startswith("pruned by asha: after epoch 3 it is not among the best third")
    assert run.metrics["epochs_done"] == ENDED
    assert verify(run).identical


@BOTH
def test_it_goes_on_to_the_last_bit_and_then_is_as_if_nobody_had_ended_it(place: Place, unbroken: list[str]) -> None:
    first = place.run(asked(place.folder))
    again = place.run()
    run = place.stored
    assert (again.how, again.run_id, again.outcome({}).state) == ("continued", first.run_id, "continued")
    assert weights(again) == unbroken
    assert run.finished
    assert not {"nnexp.pruned", "nnexp.stopped"} & set(run.tags)
    assert (run.metrics["epochs_done"], place.checkpoints) == (EPOCHS, [])
    assert verify(run).identical


@BOTH
def test_a_finished_run_goes_before_a_newer_one_that_was_pruned(place: Place) -> None:
    finished = place.run()
    place.config.resume = "never"
    pruned = place.run(asked(place.folder))
    place.config.resume = "auto"
    assert pruned.pruned
    assert place.run().run_id == finished.run_id


def test_its_last_checkpoint_stays_whoever_tidies(here: Place) -> None:
    here.run(asked(here.folder))
    tidy(here.store)
    assert here.checkpoints[-1] == f"epoch-{ENDED:06d}.npz"


def test_asked_for_by_the_same_study_it_is_the_answer(here: Place) -> None:
    question = asked(here.folder)
    here.run(question)
    again = here.run(question)
    assert (again.how, again.outcome({}).state, here.checkpoints[-1]) == ("found", "pruned", "epoch-000003.npz")


def test_another_study_hears_of_its_epochs_and_lets_it_go_on(here: Place, unbroken: list[str]) -> None:
    here.run(asked(here.folder))
    other = asked(here.folder, "second", EASY)
    again = here.run(other)
    assert (again.how, again.pruned, weights(again)) == ("continued", False, unbroken)
    assert list(reported(other)) == [1, 2, 3, 4, 5]


def test_another_study_may_end_it_where_it_is(here: Place) -> None:
    here.run(asked(here.folder))
    again = here.run(asked(here.folder, "second"))
    assert (again.how, again.pruned, here.stored.pruned_by) == ("continued", True, "second")
    assert len(again.history.epochs) == ENDED + 1


def test_resume_require_goes_on_with_it_too(here: Place) -> None:
    here.run(asked(here.folder))
    here.config.resume = "require"
    assert here.run().how == "continued"


def test_without_its_checkpoint_it_begins_again(here: Place, unbroken: list[str]) -> None:
    here.run(asked(here.folder))
    shutil.rmtree(here.folder / CHECKPOINTS)
    again = here.run()
    assert (weights(again), here.stored.finished) == (unbroken, True)
    assert len(here.store.curves([again.run_id], ("test_accuracy",))["test_accuracy"][again.run_id]) == EPOCHS + 1


def test_without_its_checkpoint_no_study_ends_it_before_the_epochs_that_are_stored(here: Place) -> None:
    here.run(asked(here.folder))
    shutil.rmtree(here.folder / CHECKPOINTS)
    again = here.run(asked(here.folder, "second", (0.0, *[1.0] * EPOCHS)))
    assert (again.pruned, again.history.epochs[-1].epoch) == (True, ENDED)
    assert verify(here.stored).identical


def test_a_finished_run_is_an_answer_that_the_study_hears_of_and_does_not_end(here: Place) -> None:
    here.run()
    question = asked(here.folder)
    again = here.run(question)
    assert (again.outcome({}).state, again.pruned, here.stored.finished) == ("done", False, True)
    assert list(reported(question)) == [1, 2, 3, 4, 5]


def test_a_run_to_its_last_epoch_is_reported_whole(here: Place) -> None:
    question = asked(here.folder, curve=EASY)
    assert here.run(question).outcome({}).state == "new"
    assert list(reported(question)) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("last", [0, 2, ENDED])
def test_killed_after_any_epoch_and_started_again_it_is_ended_where_it_would_have_been(
    here: Place, monkeypatch: pytest.MonkeyPatch, unbroken: list[str], last: int
) -> None:
    here.config.checkpoint_seconds = 0 if last == 2 else 1000  # which leaves that of epoch 0 alone
    question = asked(here.folder)
    monkeypatch.setattr(training_loop, "train", cut_after(last))
    with pytest.raises(KeyboardInterrupt):
        here.run(question)
    monkeypatch.setattr(training_loop, "train", train)
    again = here.run(question)
    assert (again.pruned, weights(again)) == (True, unbroken[: ENDED + 1])
    steps = re.findall(r'"trial_id":1,"step":(\d)', Path(question.journal).read_text())
    assert steps == ["1", "2", "3"]


@pytest.mark.parametrize("broken", ["gone", "unreadable"])
def test_a_study_that_can_not_be_asked_is_told_of_once_and_ends_nothing(
    here: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    question = asked(here.folder)
    journal = Path(question.journal)
    breaks = (
        journal.unlink if broken == "gone" else lambda: journal.write_bytes(journal.read_bytes() + b"no json\n" * 2)
    )
    monkeypatch.setattr(training_loop, "train", cut_after(2, breaks))
    with caplog.at_level(logging.WARNING):
        result = here.run(question)
    assert (result.pruned, here.stored.finished) == (False, True)
    assert len([each for each in caplog.messages if "the study can't be asked" in each]) == 1


def test_it_is_left_out_of_a_comparison(here: Place) -> None:
    here.run(asked(here.folder))
    (trial,) = trials(here.store, [here.stored])
    assert (trial.status, trial.complete) == ("PRUNED", False)


def test_a_table_of_runs_and_one_of_a_sweep_say_that_it_was_pruned(here: Place) -> None:
    here.run(asked(here.folder))
    assert facts(here.stored)["status"] == "PRUNED"
    assert stored({}, here.stored, here.stored.metrics).state == "pruned"


def test_it_may_be_remembered_nowhere(here: Place, unbroken: list[str]) -> None:
    result = one_run(config(*WORDS, "tracking=off"), here.folder / "run", question=asked(here.folder))
    assert (result.pruned, weights(result)) == (True, unbroken[: ENDED + 1])


def test_its_own_rule_goes_before_the_study(here: Place) -> None:
    stopping = "stopping=target", "stopping.accuracy=0.2"
    here.config = config(*WORDS, *stopping, "tracking=folder", f"tracking.path={here.folder}/runs")
    question = asked(here.folder)
    result = here.run(question)
    assert (result.pruned, result.history.epochs[-1].epoch) == (False, 1)
    assert "validation accuracy is" in here.stored.tags["nnexp.stopped"]
    assert list(reported(question)) == [1]
