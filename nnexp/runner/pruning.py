"""When a run ends before its last epoch: by its own rule, or because a study has no use for it any more."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from nnexp.errors import in_a_line
from nnexp.study.question import Question
from nnexp.tracking.chosen import VALIDATION
from nnexp.tracking.run_store import RunStore, StoredRun
from nnexp.train.events import EpochDone
from nnexp.train.stopping.base import Stopping

log = logging.getLogger(__name__)


class Pruning:
    """A run's stopping rule, and behind it the study that the run is a trial of, if there is one.

    known: how many epochs the store has of an earlier start; before that one it is not ended, for they would stay.
    """

    def __init__(self, rule: Stopping, question: Question | None = None, known: int = 0) -> None:
        self.restore_best = rule.restore_best
        self._rule = rule
        self._question = question
        self._known = known
        self._asked = -1  # after which epoch; it is asked once for each
        self._said = ""
        self._reported: set[str] = set()

    @property
    def study(self) -> str:
        """The name of the study that has ended the run; empty if none has."""
        return self._question.study if self._question and self._said else ""

    def reason(self, history: Sequence[EpochDone]) -> str:
        """Why no further epoch is to follow; empty to go on. See `Stopping`."""
        if (reason := self._rule.reason(history)) or self._question is None:
            return reason
        if history[-1].epoch != self._asked:
            said = self._try(self._question.reason, history)
            self._asked, self._said = history[-1].epoch, said if history[-1].epoch >= self._known else ""
        return self._said

    def report(self, history: Sequence[EpochDone]) -> None:
        """Tell the study of a run that is over what it has not heard yet."""
        if self._question and not self._said:
            self._try(self._question.report, history)

    def _try(self, tell: Callable[[Sequence[EpochDone]], str | None], history: Sequence[EpochDone]) -> str:
        """What the study says, nothing if it can't be asked, whatever is wrong with it; that is logged once."""
        try:
            return tell(history) or ""
        except Exception as error:
            line = in_a_line(error)
            if line not in self._reported:
                log.warning("epoch %d: the study can't be asked (%s); training goes on", history[-1].epoch, line)
            self._reported.add(line)
            return ""


def epochs_known(store: RunStore, run: StoredRun | None) -> int:
    """The last epoch that the store has of a run; 0 for none."""
    return max(store.curves([run.id], (VALIDATION,))[VALIDATION][run.id], default=0) if run else 0
