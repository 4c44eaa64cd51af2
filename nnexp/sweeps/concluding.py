"""How a sweep that was left to its workers comes to its end: by its own command again, which finds all jobs done."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from nnexp.config.command_line import read
from nnexp.config.schema import SWEEP
from nnexp.errors import UsageError
from nnexp.launch.pulling.presence import SUBMITTER, is_there
from nnexp.launch.pulling.queue import Queue
from nnexp.launch.pulling.queue_file import QueueFile
from nnexp.launch.pulling.rounds import jobs_of_round
from nnexp.printable import counted

GOOD = (0, 1)  # exit codes: it has come to its end; 1 if jobs have failed
ELSEWHERE = re.compile(r"[^\w)\]](\.\.|/)|\$\{")  # in the value of a group: a file that is not among its own


def conclude(queue: Queue, found: QueueFile) -> int:
    """Run the sweep's command again; gives its exit code.

    Raises `UsageError` while jobs are left, and for words that whoever can write into the queue could run code by.
    """
    left = jobs_of_round(queue).keys() - {ticket.id for ticket in queue.outcomes()}
    if left:
        raise UsageError(
            f"sweep {queue.folder.name}: {counted(len(left), 'job')} not done yet ({sorted(left)[0]} is the first), "
            "expected none"
        )
    if unsafe := unsafe_word(found.words):
        raise UsageError(
            f"sweep {queue.folder.name}: its command says {unsafe}, which is not taken from a file, expected settings "
            "of nnexp's own; the command typed again concludes it"
        )
    command = [sys.executable, "-m", "nnexp.run", *found.words]
    safe = os.environ | {"PYTHONSAFEPATH": "1"}  # nothing is imported from the folder
    code = subprocess.run(command, cwd=found.folder, env=safe, check=False).returncode  # noqa: S603
    if code in GOOD:
        queue.conclude()
    return code


def unsafe_word(words: Sequence[str]) -> str:
    """The first of a command's words by which it could read other configurations than nnexp's, or name code to run."""
    line = read(words)
    options = [option for option in line.options if option not in SWEEP]
    names = {setting: setting.partition("=")[0].lstrip("+~") for setting in line.settings}
    settings = [setting for setting, name in names.items() if "hydra" in name or "_target_" in setting]
    settings += [setting for setting, name in names.items() if "." not in name and ELSEWHERE.search(setting)]
    return next(iter([*options, *settings, *line.problems]), "")


def conclude_if_last(queue: Queue, found: QueueFile, say: Callable[[str], None]) -> None:
    """Do so for a sweep that nobody waits for, once; not for a search that has more to try, for that needs workers."""
    if is_there(queue.folder / SUBMITTER, time.time) or not jobs_of_round(queue):
        return
    if found.more:
        say(f"nobody waits for search {queue.folder.name}: its command typed again goes on with it")
        return
    if not queue.is_first_to_conclude():
        return
    say(f"nobody waits for sweep {queue.folder.name}: it is concluded here")
    conclude(queue, found)
