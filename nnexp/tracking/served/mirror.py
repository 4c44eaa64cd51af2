"""A command's end of the process that mirrors its folder of runs on a server: started, asked, not waited for long."""

from __future__ import annotations

import atexit
import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nnexp.errors import TrackingError, redacted
from nnexp.printable import counted
from nnexp.tracking.folder import run_files
from nnexp.tracking.folder.run_store import FolderRuns
from nnexp.tracking.served.marks import Marks
from nnexp.tracking.served.prompt import not_prompt

log = logging.getLogger(__name__)

OWNER = "NNEXP_MIRROR_OWNER"  # the environment variable with the process that mirrors what those below it record
START_SECONDS = 60.0  # for importing MLflow, on a machine with other things to do
FETCH_SECONDS = 5.0  # for all that it fetches before a run begins, once it has imported MLflow
SILENT_SECONDS = 10.0  # without a word of a copied run, and the server is asked whether it is well
NEWS_SECONDS = 7.0  # as long as this, what it said last is news: it looks every five
MOST_SECONDS = 300.0  # and it is waited for no more, whatever the server is
END_SECONDS = 5.0  # for it to end when it is told to


class Mirror:
    """The process, from its start to its end; a command has one."""

    def __init__(self, root: Path, uri: str, experiment: str) -> None:
        self._root, self._uri, self._experiment = root, uri, experiment
        self.marks = Marks(root, uri, experiment)
        self.look: dict[str, list[str]] = {}  # where the server shows the runs that were copied, in lines
        self.over = False
        self._pid = os.getpid()
        self._process: subprocess.Popen[str] | None = None
        self._news = threading.Condition()
        self._heard = 0.0  # when its last line came
        self._gone = 0.0  # when it said last that it can't reach the server, if it has not copied since
        self._ready = 0.0  # when it had imported MLflow
        self._answered = self._asked = 0
        self._refused: list[str] = []
        self._told = False

    @property
    def ours(self) -> bool:
        """Whether this very process has started it, or may: a worker's runs are mirrored by the sweep."""
        return self._pid == os.getpid() and os.environ.get(OWNER, str(self._pid)) == str(self._pid)

    def start(self) -> None:
        """Start it, if it does not run."""
        if self._process or self.over or not self.ours:
            return
        os.environ[OWNER] = str(self._pid)
        command = [sys.executable, "-m", "nnexp.tracking.served.mirroring", str(self._root), self._experiment]
        self._process = subprocess.Popen(  # noqa: S603  # this Python, and a module of ours
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,  # Ctrl-C comes to us alone, who tell it
        )
        self._send({"uri": self._uri})  # not on its command line or in its environment: it may hold a password
        self._heard = time.monotonic()
        threading.Thread(target=self._listen, args=(self._process,), daemon=True, name="nnexp-mirror").start()
        atexit.register(self.finish)

    def fetch(self, keys: Sequence[str]) -> None:
        """Have the server's runs with these keys copied into the folder, if it answers promptly.

        A run waits for that: whatever the server does, for `FETCH_SECONDS`, and before that for MLflow's import.
        Raises `TrackingError` where the server refuses access, or is none.
        """
        if self.over or not self.ours:
            return
        if why := not_prompt(self._uri):
            self._say_away(why)
            return
        self.start()
        self._asked += 1
        begun = time.monotonic()
        self._send({"find": list(keys), "number": self._asked})
        self._wait(
            lambda: self._answered >= self._asked,
            lambda: max(begun, self._ready) + FETCH_SECONDS if self._ready else begun + START_SECONDS,
        )
        if self._refused and self._process:
            self.over = True
            self._end(self._process)
            raise TrackingError(self._refused)

    def finish(self) -> None:
        """Let it bring the server up to date, if the server is prompt, and end it; tell what is left to do."""
        if self.over or not self._process or not self.ours:
            return
        self.over = True
        if self.marks.owed() and not self._away_just_now and not not_prompt(self._uri):
            self._send({"close": True})
            self._wait(lambda: False, self._patience())
        self._end(self._process)
        if left := self._left():
            sync = f"`nnexp sync {self._root} --to {redacted(self._uri)}` does that, and so does the next run here"
            log.warning("not on %s yet: %s that ended; %s", redacted(self._uri), counted(left, "run"), sync)

    @property
    def _away_just_now(self) -> bool:
        """Whether it could not reach the server a moment ago, so that nobody needs to ask again."""
        return bool(self._gone) and time.monotonic() - self._gone < NEWS_SECONDS

    def _left(self) -> int:
        """How many runs that are over the server still lacks."""
        store = FolderRuns(self._root)
        found = (run_files.read(store, folder) for folder in self.marks.owed())
        return sum(1 for run in found if run and not run.alive)

    def _end(self, process: subprocess.Popen[str]) -> None:
        os.environ.pop(OWNER, None)
        process.terminate()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _send(self, request: dict[str, Any]) -> None:
        assert self._process is not None  # noqa: S101  # it was started before
        assert self._process.stdin is not None  # noqa: S101  # as above
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except OSError:  # it has ended; nobody waits for one that has
            log.debug("the mirror of %s has ended", redacted(self._uri))

    def _wait(self, condition: Callable[[], bool], until: Callable[[], float]) -> None:
        """Wait until the condition holds or it has ended, and until this time at most."""
        with self._news:
            while not condition() and self._process and self._process.poll() is None:
                left = until() - time.monotonic()
                if left <= 0:
                    self._say_away("it does not answer")
                    return
                self._news.wait(min(left, 0.5))

    def _patience(self) -> Callable[[], float]:
        """Until when it is waited for at the end: it and the server are silent, or it still fetches."""
        begun = time.monotonic()

        def until() -> float:
            now = time.monotonic()
            if self._answered < self._asked:
                return begun + SILENT_SECONDS
            last = self._heard + (SILENT_SECONDS if self._ready else START_SECONDS)
            if last <= now < begun + MOST_SECONDS and not not_prompt(self._uri):
                self._heard = now  # there is much to copy, to a server that is well
                return now + SILENT_SECONDS
            return last

        return until

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None  # noqa: S101  # it was asked for
        for line in process.stdout:
            with self._news:
                self._hear(json.loads(line))
                self._news.notify_all()
        with self._news:
            self._news.notify_all()

    def _hear(self, said: dict[str, Any]) -> None:
        self._heard = time.monotonic()
        match said:
            case {"ready": _}:
                self._ready = self._heard
            case {"answered": int(number)}:
                self._answered = number
            case {"copied": str(run_id), "look": list(lines)}:
                self.look[run_id] = lines
                self._gone = 0.0
                self._told = False  # so that it is told again if it goes away
            case {"refused": list(lines)}:
                self._refused = lines
            case {"away": str(why)}:
                self._gone = self._heard
                self._say_away(why)

    def _say_away(self, why: str) -> None:
        """Say once that the server is not there."""
        if not self._told:
            self._told = True
            log.warning(
                "%s: not to be reached (%s); runs are kept in %s meanwhile", redacted(self._uri), why, self._root
            )


_mirrors: dict[tuple[Path, str, str], Mirror] = {}


def mirror_of(root: Path, uri: str, experiment: str) -> Mirror:
    """The command's mirror of this folder: the one that runs, or a new one."""
    place = root, uri, experiment
    found = _mirrors.get(place)
    if found is None or found.over or not found.ours:
        found = _mirrors[place] = Mirror(*place)
    return found
