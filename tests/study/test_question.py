"""What a running job asks the study: its answers are Optuna's own, and the same after a kill."""

from __future__ import annotations

import contextlib
import logging
import pickle
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
from training import measured

from nnexp.study.journal import storage
from nnexp.study.pruners import PRUNERS
from nnexp.study.question import Question

EPOCHS, NAME = 9, "a study"
STATE = optuna.trial.TrialState


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda _: None)


def curves(trials: int = 12) -> list[list[float]]:
    """Validation accuracies as networks have them, the untrained one first: some rise far, some do not."""
    rng = np.random.default_rng(3)
    rates, tops = rng.uniform(0.1, 1, trials), rng.uniform(0.3, 0.98, trials)
    rise = tops[:, None] * (1 - np.exp(-rates[:, None] * np.arange(EPOCHS + 1)))
    return [[round(float(value), 2) for value in row] for row in rise + rng.normal(0, 0.01, rise.shape)]


class Study:
    """A study in a journal, and the question of its newest trial."""

    def __init__(self, folder: Path, prune: str, name: str = NAME) -> None:
        folder.mkdir(exist_ok=True)
        self.journal = folder / "study.log"
        self.prune = prune
        self.study = optuna.create_study(storage=storage(self.journal), study_name=name, direction="maximize")

    def question(self) -> Question:
        number = self.study.ask().number
        return Question(str(self.journal), self.study.study_name, number, self.prune, EPOCHS)

    def run(self, question: Question, curve: Sequence[float]) -> int:
        """Train a trial until it is pruned, tell the study, and say after which epoch; 0 if it was not."""
        for epoch in range(EPOCHS):
            if question.reason(measured(*curve[: epoch + 1])):
                self.study.tell(question.trial, state=STATE.PRUNED)
                return epoch
        question.report(measured(*curve))
        self.study.tell(question.trial, max(curve[1:]))
        return 0

    def trial(self, question: Question) -> Any:
        return self.study.get_trials()[question.trial]


@pytest.fixture
def asha(tmp_path: Path) -> Study:
    """A study of eight trials, of which the next has to be among the best."""
    study = Study(tmp_path, "asha")
    for curve in curves()[:8]:
        study.run(study.question(), curve)
    return study


def optunas_own(prune: str) -> list[int]:
    """After which epoch a plain loop of Optuna's, in memory, ends each of the curves."""
    with warnings.catch_warnings(action="ignore"):
        pruner = PRUNERS[prune](EPOCHS)
        study = optuna.create_study(study_name=NAME, direction="maximize", pruner=pruner)
        ended = []
        for curve in curves():
            trial, pruned = study.ask(), 0
            for epoch in range(1, EPOCHS + 1):
                trial.report(curve[epoch], epoch)
                if trial.should_prune() and epoch < EPOCHS:
                    pruned = epoch
                    break
            if pruned:
                study.tell(trial, state=STATE.PRUNED)
            else:
                study.tell(trial, max(curve[1:]))
            ended.append(pruned)
    return ended


@pytest.mark.parametrize("prune", PRUNERS)
def test_a_pruner_ends_each_trial_where_it_does_in_a_plain_loop_of_optunas(tmp_path: Path, prune: str) -> None:
    study = Study(tmp_path, prune)
    ended = [study.run(study.question(), curve) for curve in curves()]
    assert ended == optunas_own(prune)
    assert any(ended) == (prune != "none")


def test_it_says_by_what_and_when_a_trial_is_pruned(asha: Study) -> None:
    question = asha.question()
    assert question.reason(measured(0.1)) == ""
    assert question.reason(measured(0.1, 0.0)) == (
        "pruned by asha: after epoch 1 it is not among the best third of the trials that got there"
    )


def test_the_untrained_network_is_not_reported_and_each_epoch_once(asha: Study) -> None:
    question = asha.question()
    for epochs in (1, 2, 2, 4):
        question.reason(measured(*curves()[8][:epochs]))
    assert asha.trial(question).intermediate_values == dict(list(enumerate(curves()[8]))[1:4])


def test_what_is_asked_again_is_answered_in_the_same_way(asha: Study) -> None:
    question = asha.question()
    first = question.reason(measured(0.1, 0.0))
    lines = asha.journal.read_bytes()
    assert question.reason(measured(0.1, 0.0)) == first
    assert asha.journal.read_bytes() == lines


@pytest.mark.parametrize("prune", ["asha", "hyperband", "median"])
@pytest.mark.parametrize("lost", [1, 2])
def test_killed_while_the_study_answers_it_is_ended_where_the_unbroken_run_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prune: str, lost: int
) -> None:
    """lost: from which write on in an epoch; the report is the first, and ASHA's mark of a rung the second."""
    study = Study(tmp_path, prune)
    write = type(study.study._storage)._write_log

    def run(question: Question, curve: Sequence[float]) -> int:
        for epoch in range(1, EPOCHS):
            written: list[int] = []

            def cut(self: Any, code: int, fields: dict[str, Any], written: list[int] = written) -> None:
                if len(written) == lost:
                    raise KeyboardInterrupt
                written.append(code)
                write(self, code, fields)

            monkeypatch.setattr(type(study.study._storage), "_write_log", cut)
            with contextlib.suppress(KeyboardInterrupt):
                question.reason(measured(*curve[: epoch + 1]))
            monkeypatch.setattr(type(study.study._storage), "_write_log", write)
            if question.reason(measured(*curve[: epoch + 1])):
                study.study.tell(question.trial, state=STATE.PRUNED)
                return epoch
        question.report(measured(*curve))
        study.study.tell(question.trial, max(curve[1:]))
        return 0

    ended = [run(study.question(), curve) for curve in curves()]
    assert ended == optunas_own(prune)


def test_a_run_that_goes_on_from_before_its_last_epoch_is_not_ended_there(asha: Study) -> None:
    question, curve = asha.question(), [0.1, 0.97, 0.97, 0.1]
    reasons = [question.reason(measured(*curve[:epochs])) for epochs in (2, 3, 4)]
    assert [bool(each) for each in reasons] == [False, False, True]
    again = [question.reason(measured(*curve[:epochs])) for epochs in (2, 3, 4)]
    assert again == reasons


@pytest.mark.parametrize("prune", ["asha", "median"])
def test_the_epochs_of_a_run_that_is_there_already_are_judged_one_by_one(tmp_path: Path, prune: str) -> None:
    at_once, in_turn = (Study(tmp_path / name, prune) for name in ("at once", "in turn"))
    for curve in curves():
        first, second = at_once.question(), in_turn.question()
        said = [in_turn.run(second, curve)]
        reason = first.reason(measured(*curve[: said[0] + 1 if said[0] else EPOCHS]))
        assert (f"after epoch {said[0]} " in reason) == bool(said[0])
        at_once.study.tell(first.trial, state=STATE.PRUNED) if reason else at_once.run(first, curve)
        assert at_once.trial(first).system_attrs == in_turn.trial(second).system_attrs


def test_a_finished_run_is_reported_and_stands_at_every_rung_without_being_ended(asha: Study) -> None:
    question = asha.question()
    question.report(measured(*[0.1] * (EPOCHS + 1)))
    trial = asha.trial(question)
    assert list(trial.intermediate_values) == list(range(1, EPOCHS + 1))
    assert [name for name in trial.system_attrs if "rung" in name] == [f"completed_rung_{n}" for n in range(3)]
    assert question.reason(measured(*[0.1] * (EPOCHS + 1))) == ""


def test_a_trial_that_the_study_has_closed_is_told_nothing_more(asha: Study) -> None:
    question = asha.question()
    asha.study.tell(question.trial, 0.9)
    assert question.reason(measured(0.1, 0.0)) == ""
    question.report(measured(0.1, 0.0))
    assert asha.trial(question).intermediate_values == {}


def test_it_travels_to_another_process(asha: Study) -> None:
    question = asha.question()
    assert pickle.loads(pickle.dumps(question)) == question


def test_a_journal_that_is_gone_is_an_error_and_is_not_made_anew(asha: Study) -> None:
    question = asha.question()
    asha.journal.unlink()
    with pytest.raises(FileNotFoundError, match=r"study\.log: is not there"):
        question.reason(measured(0.1, 0.5))
    assert not asha.journal.exists()


def test_optuna_says_nothing_on_the_terminal(asha: Study, capfd: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("optuna").setLevel(logging.DEBUG)
    try:
        asha.run(asha.question(), curves()[8])
    finally:
        logging.getLogger("optuna").setLevel(logging.WARNING)
    assert capfd.readouterr() == ("", "")
