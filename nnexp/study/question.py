"""What a running job asks the study after each epoch: whether it is to go on."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nnexp.study.journal import storage
from nnexp.study.pruners import PRUNERS, REASONS
from nnexp.train.events import EpochDone
from nnexp.train.ranking import CHOSEN_BY

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

ANSWER = "nnexp.answer"  # an attribute of a trial
RUNG = "completed_rung_"  # and a number: Optuna's mark of a trial that successive halving has judged there


@dataclass(frozen=True)
class Question:
    """Of one trial. journal: the file of the study. trial: its number. prune: which pruner answers, by name.

    epochs: the most that a trial has.
    """

    journal: str
    study: str
    trial: int
    prune: str
    epochs: int

    def reason(self, history: Sequence[EpochDone]) -> str:
        """Why no further epoch is to follow these; empty to go on.

        The study is told of the epochs that it has not yet; a run that goes on from before its last one is asked
        nothing until it is there again. What is asked twice is answered twice in the same way, if no other trial
        has come further meanwhile. Any of Optuna's errors, and `OSError`, if the study can't be asked.
        """
        return self._tell(history, heed=True)

    def report(self, history: Sequence[EpochDone]) -> None:
        """Tell the study of a run that is over, so that later trials are compared with it."""
        self._tell(history, heed=False)

    def _tell(self, history: Sequence[EpochDone], heed: bool) -> str:
        """Tell the study of each epoch in turn, and hear what the pruner says; heed: whether to go by it."""
        if history[-1].epoch == 0:
            return ""
        with _quiet():
            trial = _Trial(self)
            answer, last = trial.answer, trial.last
            for done in history if trial.is_open else ():
                if done.epoch < max(1, last):
                    continue
                if done.epoch > last:
                    trial.report(done)
                hopeless = trial.is_hopeless(answer)
                now = _Answer(answer.pruned or done.epoch * (heed and hopeless), trial.rungs)
                if now != answer:
                    trial.keep(now)
                answer = now
        if not answer.pruned or history[-1].epoch < last:
            return ""
        return f"pruned by {self.prune}: after epoch {answer.pruned} {REASONS[self.prune]}"


@dataclass(frozen=True)
class _Answer:
    """What the study has said of a trial. pruned: after which epoch, 0 if not. rungs: that it has been judged at."""

    pruned: int = 0
    rungs: int = 0


class _Trial:
    """A trial as it is in the journal."""

    def __init__(self, question: Question) -> None:
        import optuna

        if not Path(question.journal).is_file():
            raise FileNotFoundError(f"{question.journal}: is not there")
        self._storage = storage(Path(question.journal))
        self._study = optuna.load_study(
            study_name=question.study,
            storage=self._storage,
            sampler=optuna.samplers.RandomSampler(),  # is not asked
            pruner=PRUNERS[question.prune](question.epochs),
        )
        study = self._storage.get_study_id_from_name(question.study)
        self._id = self._storage.get_trial_id_from_study_id_trial_number(study, question.trial)

    @property
    def _now(self) -> FrozenTrial:
        return self._storage.get_trial(self._id)

    @property
    def is_open(self) -> bool:
        """Whether anything can still be told of it."""
        return not self._now.state.is_finished()

    @property
    def last(self) -> int:
        """The last epoch that the study knows of; 0 for none."""
        return max(self._now.intermediate_values, default=0)

    @property
    def answer(self) -> _Answer:
        """What was said last that has to be kept."""
        return _Answer(**self._now.user_attrs.get(ANSWER, {}))

    @property
    def rungs(self) -> int:
        """At how many rungs successive halving has judged it."""
        return sum(name.startswith(RUNG) for name in self._now.system_attrs)

    def report(self, done: EpochDone) -> None:
        self._storage.set_trial_intermediate_value(self._id, done.epoch, done.metrics[CHOSEN_BY])

    def keep(self, answer: _Answer) -> None:
        self._storage.set_trial_user_attr(self._id, ANSWER, asdict(answer))

    def is_hopeless(self, before: _Answer) -> bool:
        """Whether the pruner would end it here.

        before: its answer to the epoch before. A process that is killed after Optuna has marked a rung and before the
        answer is kept leaves a mark that the trial would pass by when it is asked again: marks that no kept answer
        knows of are forgotten in this process, to be made again.
        """
        trial = self._now
        unknown = [name for name in trial.system_attrs if name.startswith(RUNG)][before.rungs :]
        if unknown:
            trial.system_attrs = {name: each for name, each in trial.system_attrs.items() if name not in unknown}
        return bool(self._study.pruner.prune(self._study, trial))


@contextmanager
def _quiet() -> Iterator[None]:
    """Without Optuna's warnings: that a pruner is experimental, or can't tell yet."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
