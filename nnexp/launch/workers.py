"""Worker processes that do jobs one after the other, and of which none can take another, or the sweep, with it.

A job that raises, leaves by `sys.exit` or is killed is a failed job and no more: what is left goes to the other
workers and to a new one. Workers end with the process that started them, however that ends.

As a rule they are forked from a server process that has imported what takes long (`fork_server.py`), so a worker costs
some milliseconds, and one that replaces another no more. Python's own `multiprocessing` does the process work.
"""

from __future__ import annotations

import io
import logging
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from typing import Any

import cloudpickle

from nnexp.launch.job_events import TELL, Died, JobEnded, JobEvent, JobPrinted, OnEvent
from nnexp.launch.launchers.base import Start

FORKED = multiprocessing.get_context("forkserver")
STOPPED = 128 + signal.SIGTERM  # the exit code of a worker that was told to stop
GRACE_SECONDS = 4.0  # for a worker that has been told to stop, to say so where runs are remembered


@dataclass(frozen=True)
class Watch:
    """Is asked every so many seconds which jobs, of those under way, are to be stopped; by their numbers."""

    seconds: float
    unwanted: Callable[[], Collection[int]]


def run_all(
    start: Start,
    jobs: Iterable[Any],
    workers: int,
    on_event: OnEvent,
    context: BaseContext = FORKED,
    watch: Watch | None = None,
) -> list[Any]:
    """What comes of each of the jobs, or `Died`; in the order of the jobs. See `Launcher.run`.

    context: makes the processes. watch: goes on beside the jobs; each time it is asked, so are free workers' jobs.
    After Ctrl-C, or whatever else ends this call, no worker is left: they are told to stop, and after some seconds
    made to.
    """
    outcomes: dict[int, Any] = {}
    left, numbers = iter(jobs), count()
    packed = cloudpickle.dumps(start)
    look_at = 0.0
    with _crew() as crew:
        while True:
            crew[:] = [worker for worker in crew if worker.busy or worker.alive]  # one may be killed while it is idle
            while sum(worker.busy for worker in crew) < workers and (job := next(left, None)) is not None:
                idle = next((worker for worker in crew if not worker.busy), None)
                if idle is None:
                    crew.append(idle := _Worker(packed, context))
                idle.give(next(numbers), job)
            if not any(worker.busy for worker in crew):
                return [outcomes[number] for number in sorted(outcomes)]
            if watch and time.monotonic() >= look_at:
                unwanted, look_at = watch.unwanted(), time.monotonic() + watch.seconds
                for worker in crew:
                    worker.stop_if(unwanted)
            for worker in _ready(crew, watch.seconds if watch else None):
                number, event = worker.hear()
                if isinstance(event, JobEnded):
                    outcomes[number] = event.outcome
                on_event(number, event)


class _Worker:
    """A worker process, seen from the process that started it."""

    def __init__(self, packed: bytes, context: Any) -> None:
        self._connection: Connection
        self._connection, theirs = context.Pipe()
        lifeline, self._lifeline = context.Pipe(duplex=False)  # is closed when our process ends, however that ends
        self._process: BaseProcess = context.Process(target=_work, args=(theirs, lifeline, packed), name="nnexp-worker")
        self._process.start()
        theirs.close()
        lifeline.close()
        self._job: int | None = None

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    @property
    def busy(self) -> bool:
        return self._job is not None

    @property
    def connection(self) -> Connection:
        return self._connection

    def give(self, number: int, job: Any) -> None:
        self._job = number
        with suppress(OSError):  # it is dead: `hear` will tell
            self._connection.send_bytes(cloudpickle.dumps(job))

    def hear(self) -> tuple[int, JobEvent]:
        """What it has to say of its job."""
        assert self._job is not None  # noqa: S101  # an idle worker has nothing to say
        number = self._job
        try:
            event: JobEvent = cloudpickle.loads(self._connection.recv_bytes())
        except (EOFError, OSError):
            event = JobEnded(Died(self._how_it_ended()))
        if isinstance(event, JobEnded):
            self._job = None
        return number, event

    def dismiss(self) -> None:
        """Tell it that there is nothing more to do."""
        self._connection.close()

    def stop_if(self, unwanted: Collection[int]) -> None:
        """Tell it to stop now if its job is one of these."""
        if self._job in unwanted:
            self.stop()

    def stop(self) -> None:
        """Tell it to stop now."""
        self._process.terminate()

    def gone(self, deadline: float) -> None:
        """Wait until its process has ended, and from the deadline on make it end."""
        self._process.join(max(0.0, deadline - time.monotonic()))
        if self._process.is_alive() and self._process.pid:
            os.kill(self._process.pid, signal.SIGKILL)  # loky's have no `kill`
            self._process.join()

    def _how_it_ended(self) -> str:
        self._process.join()
        code = self._process.exitcode or 0
        if code == STOPPED:
            return "was stopped"
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"left with exit code {code}"


@contextmanager
def _crew() -> Iterator[list[_Worker]]:
    """A list for workers; when the block ends, none of them is left."""
    crew: list[_Worker] = []
    try:
        yield crew
    except BaseException:
        for worker in crew:
            worker.stop()
        raise
    finally:
        for worker in crew:
            worker.dismiss()
        deadline = time.monotonic() + GRACE_SECONDS
        for worker in crew:
            worker.gone(deadline)


def _ready(crew: Sequence[_Worker], seconds: float | None) -> list[_Worker]:
    """The workers that have something to say; waits for the first, but no longer than so many seconds."""
    speaking = wait([worker.connection for worker in crew if worker.busy], seconds)
    return [worker for worker in crew if worker.connection in speaking]


# What follows happens in the worker process.


def _work(connection: Connection, lifeline: Connection, packed: bytes) -> None:
    """Do what comes through the connection until it closes."""
    logging.raiseExceptions = False  # on a full disk each line of a log would come with a traceback
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches us too; it is for the parent to say what it means
    threading.Thread(target=_end_with_parent, args=(lifeline,), daemon=True).start()
    speaking = threading.Lock()

    def say(event: JobEvent) -> None:
        with speaking:
            connection.send_bytes(cloudpickle.dumps(event))

    def mention(event: JobEvent) -> None:
        with suppress(OSError):  # nobody listens any more: no reason to stop in the middle
            say(event)

    TELL.set(mention)
    sys.stdout = sys.stderr = _Lines(lambda line: mention(JobPrinted(line)))
    do = cloudpickle.loads(packed)()
    try:
        while True:
            outcome = do(cloudpickle.loads(connection.recv_bytes()))
            try:
                say(JobEnded(outcome))
            except (pickle.PicklingError, TypeError, AttributeError) as error:
                say(JobEnded(Died(f"gave what can't be sent back ({error})")))
    except (EOFError, BrokenPipeError):
        pass  # nothing more to do; sys.exit in a job is not caught: it ends the worker as it says
    except KeyboardInterrupt:
        sys.exit(STOPPED)


def _end_with_parent(lifeline: Connection) -> None:
    """Wait until the parent process is gone, then stop as if told to; and if that is not heard, at once."""
    wait([lifeline])
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


class _Lines(io.TextIOBase):
    """Standard output that passes on whole lines."""

    def __init__(self, pass_on: Callable[[str], None]) -> None:
        self._pass_on = pass_on
        self._started = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._started = (self._started + text).split("\n")
        for line in lines:
            self._pass_on(line)
        return len(text)
