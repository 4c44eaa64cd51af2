"""Jobs one after the other, in the process that asks for them: what launches them in tests that are not about it."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from nnexp.launch.job_events import JobEnded, OnEvent
from nnexp.launch.launchers.base import Start


def run(start: Start, jobs: Iterable[Any], on_event: OnEvent) -> list[Any]:
    """What each of the jobs returned; each may set up a log of its own."""
    handlers, level = list(logging.root.handlers), logging.root.level
    do, outcomes = start(), []
    for number, job in enumerate(jobs):
        if job is None:
            break  # nothing is under way that could bring more
        outcomes.append(do(job))
        on_event(number, JobEnded(outcomes[-1]))
    logging.root.handlers[:], logging.root.level = handlers, level
    return outcomes
