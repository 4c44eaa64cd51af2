"""How a sweep that was left to its workers comes to its end: by its own command again, which finds all jobs done."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable

from nnexp.errors import UsageError
from nnexp.launch.pulling.presence import SUBMITTER, is_there
from nnexp.launch.pulling.queue import Queue
from nnexp.launch.pulling.queue_file import QueueFile
from nnexp.launch.pulling.rounds import jobs_of_round
from nnexp.printable import counted

GOOD = (0, 1)  # exit codes: it has come to its end; 1 if jobs have failed


def conclude(queue: Queue, found: QueueFile) -> int:
    """Run the sweep's command again; gives its exit code. Raises `UsageError` while jobs are left."""
    left = jobs_of_round(queue).keys() - {ticket.id for ticket in queue.outcomes()}
    if left:
        raise UsageError(
            f"sweep {queue.folder.name}: {counted(len(left), 'job')} not done yet ({sorted(left)[0]} is the first), "
            "expected none"
        )
    code = subprocess.run([sys.executable, "-m", "nnexp.run", *found.words], cwd=found.folder, check=False).returncode  # noqa: S603
    if code in GOOD:
        queue.conclude()
    return code


def conclude_if_last(queue: Queue, found: QueueFile, say: Callable[[str], None]) -> None:
    """Do so for a sweep that nobody waits for, once."""
    if is_there(queue.folder / SUBMITTER, time.time) or not jobs_of_round(queue) or not queue.is_first_to_conclude():
        return
    say(f"nobody waits for sweep {queue.folder.name}: it is concluded here")
    conclude(queue, found)
