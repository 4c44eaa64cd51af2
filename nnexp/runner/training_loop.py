"""Running the training loop with everyone listening, and telling them how it ended."""

from __future__ import annotations

import logging
from collections.abc import Callable

from nnexp.errors import in_a_line
from nnexp.runtime.signals import Interrupts
from nnexp.runtime.waiting import doing
from nnexp.train.events import Ended, EpochDone, Started, Status
from nnexp.train.listeners import Listeners
from nnexp.train.protocol import TrainingSettings
from nnexp.train.ranking import best_of
from nnexp.train.trainer import train

log = logging.getLogger(__name__)


def follow(
    settings: TrainingSettings,
    started: Started,
    listeners: Listeners,
    interrupts: Interrupts,
    study: Callable[[], str] = str,
) -> None:
    """Run the training loop and tell the listeners, the end whatever happens; a signal waits until it is told.

    study: tells, when it is over, the name of the study that has ended it; empty if none has.
    """
    ended, epochs = False, list(started.past)
    try:
        listeners.start(started)
        for event in train(started.network, started.dataset, settings, started.past):
            with interrupts.held():  # what one listener keeps of an epoch goes with what the others do
                epochs.append(event)
                listeners.tell(event)
        end = _end(settings, epochs, study)
        with interrupts.held(), doing("keeping what the run has left"):
            ended = True
            errors = listeners.end(end)
    except BaseException as error:
        if not ended:
            status: Status = "KILLED" if isinstance(error, KeyboardInterrupt) else "FAILED"
            with interrupts.held(), doing("keeping what the run has left"):
                for further in listeners.end(Ended(status, error)):
                    if in_a_line(further) != in_a_line(error):
                        log.warning("while ending: %s", in_a_line(further))
        raise
    if errors:
        raise errors[0]


def _end(settings: TrainingSettings, epochs: list[EpochDone], study: Callable[[], str]) -> Ended:
    """How a training that has come to its end has ended."""
    last = epochs[-1]
    stopped = settings.stopping.reason(epochs) if last.epoch < settings.epochs else ""
    if stopped:
        log.info("stopped after epoch %d of %d: %s", last.epoch, settings.epochs, stopped)
    kept = best_of(epochs) if settings.stopping.restore_best else last
    return Ended("FINISHED", epoch=kept.epoch, stopped=stopped, pruned=study())
