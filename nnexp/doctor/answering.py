"""Checks of a store that is open: its version, its clock, how quickly it writes, whether it keeps files."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version

from nnexp.doctor.finding import Examined, Finding
from nnexp.errors import in_a_line

WRITES = 5
SLOW_SECONDS = 0.25  # for a write; a run makes one every two seconds
CLOCK_SECONDS = 5.0  # a whole second is all that a server tells, and it takes time to say so
TEXT = "nnexp doctor"


def check_version(examined: Examined) -> Iterator[Finding]:
    """Whether a server is of the version that is installed here, but for its last number."""
    there, here = examined.trial.version(), version("mlflow")
    if there and there.split(".")[:2] != here.split(".")[:2]:
        cure = f"pip install 'mlflow=={there}' here, or bring the server to {here}"
        yield Finding("version", f"the server has MLflow {there}, here is {here}", cure)
    else:
        yield Finding("version", f"MLflow is {here} here" + (f", {there} there" if there else ""))


def check_clock(examined: Examined) -> Iterator[Finding]:
    """Whether it is the same time there and here: by a heartbeat others tell whether a run is alive."""
    before = time.time()
    there = examined.trial.clock()
    apart = max(before - there, there - time.time(), 0.0)
    if apart > CLOCK_SECONDS:
        yield Finding(
            "clock", f"is {apart:,.0f} s apart from the store's", "let both machines take their time from NTP"
        )
    else:
        yield Finding("clock", f"within {CLOCK_SECONDS:.0f} s of the store's")


def check_writing(examined: Examined, clock: Callable[[], float] = time.perf_counter) -> Iterator[Finding]:
    """How long a write takes."""
    seconds = []
    for number in range(WRITES):
        begin = clock()
        examined.trial.write(number)
        seconds.append(clock() - begin)
    median = statistics.median(seconds)
    said = f"a write takes {1000 * median:,.0f} ms (median of {WRITES})"
    slow = median > SLOW_SECONDS
    cure = "a server with auth needs auth_cache_ttl_seconds in its auth file; a database, a disk of its own machine"
    yield Finding(
        "writing", f"{said}, expected less than {1000 * SLOW_SECONDS:.0f}" if slow else said, cure if slow else ""
    )


def check_files(examined: Examined) -> Iterator[Finding]:
    """Whether a run's files are kept, and come back as they were."""
    try:
        if examined.trial.file(TEXT) == TEXT:
            yield Finding("artifacts", "a file was written and read")
        else:
            yield Finding(
                "artifacts", "a file does not come back as it was written", "see what stands before the storage"
            )
    except Exception as error:  # each artifact store of MLflow's has its own
        cure = "the place of artifacts has to be writable: by this user, or by the server and its credentials"
        yield Finding("artifacts", f"can't be written ({in_a_line(error)})", cure)
