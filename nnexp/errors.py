"""The exceptions that end a command, and the exit code of each.

NnexpError            1   anything nnexp has words for
+-- UsageError        2   what the user can correct before trying again
|   +-- ConfigError       a setting makes no sense
|   +-- DataError         a data file is missing, damaged or not what it says
|   +-- TrackingError     the run store can't be opened
|   |   +-- NoAnswer          its server gives no whole answer, or says that something is wrong with it
|   +-- LaunchError       what is to start workers can't
|   +-- DiskFull          there is no room for what is to be written
+-- Diverged          1   training left the finite numbers
+-- NotRemembered     1   the network was trained, but something of it could not be logged
+-- JobFailed         1   one job of a sweep did not end well
+-- SweepFailed       1   some jobs of a sweep did not
+-- SweepLeft         0   a sweep goes on without the command that began it
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Sequence

from nnexp import disk_full as disk
from nnexp.printable import shortened, visible

LIBRARIES = ("site-packages", "dist-packages", "importlib", "runpy")  # in the paths of code that is nobody's own


class NnexpError(Exception):
    """An error with a message for the user; shown without a traceback.

    message: a line, or several. As text, each is one line that a person can read, whatever went into it: nothing in it
    acts on a terminal, no secret is in it, and it is not longer than 300 characters.
    """

    exit_code = 1

    def __init__(self, message: str | Sequence[str]) -> None:
        super().__init__(message)
        self.lines = [message] if isinstance(message, str) else list(message)

    def __str__(self) -> str:
        return "\n".join(map(in_one_line, self.lines))

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows of it, which asks by this name."""
        return [f"{type(self).__name__}: {self}"]


class UsageError(NnexpError):
    """Something the user can correct: a setting, a file, an address."""

    exit_code = 2


class ConfigError(UsageError):
    """All problems of one configuration, each a line of its own."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(list(problems))
        self.problems = self.lines


class DataError(UsageError):
    """A data file that is missing, damaged, or not of the format it should have."""


class TrackingError(UsageError):
    """The run store can't be reached or opened."""


class NoAnswer(TrackingError):
    """The run store's server is away, or goes away while it answers: it may be there later."""


class LaunchError(UsageError):
    """What is to start a sweep's workers, such as a cluster's scheduler, can't."""


class DiskFull(UsageError):
    """There is no room for what is to be written."""


class Diverged(NnexpError):
    """A cost or a weight stopped being a finite number."""


class NotRemembered(NnexpError):
    """Training went well, but part of its record is missing."""


class JobFailed(NnexpError):
    """A job of a sweep did not end well; the last line is the line of code, if it was a bug."""


class SweepFailed(NnexpError):
    """Some jobs of a sweep did not end well; the others did."""


class SweepLeft(NnexpError):
    """A sweep's jobs go on, or wait for workers, and the command that began it does not wait for them."""

    exit_code = 0


def redacted(text: str) -> str:
    """The text without what stands before the @ of an address, or behind `password=` and its like."""
    text = re.sub(r"(\w+://)\S*@", r"\1***@", text)
    return re.sub(r"(?i)\b(password|passwd|pwd|token|secret)=[^&\s\"')]+", r"\1=***", text)


def in_one_line(text: str) -> str:
    """What is said about something wrong, as a line that is safe to show: see `NnexpError`."""
    return shortened(visible(redacted(text)))


def in_a_line(error: BaseException) -> str:
    """An exception's type and the first line of its message, safe to show; of a full disk only that it is full."""
    lines = str(error).strip().splitlines()
    return disk.full(error) or in_one_line(": ".join([type(error).__name__, *lines[:1]]))


def lines_of(error: BaseException) -> list[str]:
    """What to tell a user of an error, a line each."""
    return error.lines if isinstance(error, NnexpError) else [in_a_line(error)]


def line_of_bug(error: Exception) -> str:
    """The line of code that a bug is in: the innermost one that is not a library's. Nothing where words say it all."""
    if isinstance(error, NnexpError):
        return ""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not any(library in frame.filename for library in LIBRARIES)]
    frame = (own or frames)[-1]
    return f"{frame.filename}:{frame.lineno} in {frame.name}: {frame.line}"


def of_the_disk(error: BaseException) -> DiskFull | None:
    """What to tell a user of an error behind which there is a full disk; None if there is none."""
    words = disk.full(error)
    return DiskFull(f"{words}{disk.where()}: make room, then start the same command again") if words else None
