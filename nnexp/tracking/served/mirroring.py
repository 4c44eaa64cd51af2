"""The process that brings a server up to date with a folder of runs, and fetches from it; it alone waits for it.

`python -m nnexp.tracking.served.mirroring FOLDER EXPERIMENT`. Lines of JSON come in: `{"uri": address}` is the first,
`{"find": [keys], "number": n}` asks for runs to be fetched, `{"close": true}`, or the end, for a last look.
Lines go out: what was copied, why the server can't be reached, which question is answered.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from filelock import Timeout

from nnexp.errors import NoAnswer, TrackingError, in_a_line, redacted
from nnexp.runtime.heartbeat import HEARTBEAT
from nnexp.runtime.locks import lock
from nnexp.tracking.copying import copy_run, turn
from nnexp.tracking.folder import run_files
from nnexp.tracking.folder.run_store import FolderRuns
from nnexp.tracking.mlflow.opening import opened_at
from nnexp.tracking.run_store import RunStore, StoredRun
from nnexp.tracking.served.marks import Marks
from nnexp.tracking.served.prompt import not_prompt
from nnexp.tracking.tags import SUMMARY, SWEEP

LOOK_SECONDS = 5.0  # between two looks at what the server lacks
ANSWER_SECONDS = 5.0  # for a sign of life of a server that nobody waits for
LOWER = 5  # steps of priority
PATIENCE_SECONDS = 10.0  # at the last look, for another process that copies into the same store

Tell = Callable[..., None]


class Mirroring:
    """A folder of runs, and what of it the server lacks.

    tell: is given what happens. opened: opens the server's store, see `opened_at`.
    """

    def __init__(
        self, root: Path, uri: str, experiment: str, tell: Tell, opened: Callable[..., RunStore] = opened_at
    ) -> None:
        self._local = FolderRuns(root)
        self._marks = Marks(root, uri, experiment)
        self._uri, self._experiment = uri, experiment
        self._tell = tell
        self._open = opened
        self._target: RunStore | None = None

    def run(self, requests: queue.Queue[dict[str, Any]]) -> None:
        """Look every few seconds, and answer, until a request says that it was the last."""
        while True:
            try:
                request = requests.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                self._look()
                continue
            if "find" in request:
                self._guarded(partial(self._fetch, request["find"]))
                self._tell(answered=request["number"])
            else:
                self._guarded(partial(self._push, PATIENCE_SECONDS))
                return

    def _look(self) -> None:
        """Bring the server up to date while training goes on, which goes first: only our last look is in a hurry."""

        def at_lower_priority() -> None:
            os.nice(LOWER)  # of this thread alone, on Linux
            self._guarded(self._push)

        thread = threading.Thread(target=at_lower_priority)
        thread.start()
        thread.join()

    def _guarded(self, step: Callable[[], None]) -> None:
        try:
            step()
        except NoAnswer as error:
            self._tell(away=error.lines[0].removeprefix(f"{redacted(self._uri)}: "))
        except TrackingError as error:
            self._tell(refused=error.lines)
        except Exception as error:  # of a server that is gone, or anything else that keeps a run from being copied
            self._tell(away=in_a_line(error))

    def _opened(self) -> RunStore | None:
        """The server's store; None, and it is told why, if there is no sign of life."""
        if why := not_prompt(self._uri, ANSWER_SECONDS):
            self._tell(away=why)
            return None
        if self._target is None:
            self._target = self._open(self._uri, self._experiment, lambda: self._tell(ready=True))
        return self._target

    def _fetch(self, keys: list[str]) -> None:
        """Copy the server's runs with these keys into the folder, as far as it lacks them."""
        if target := self._opened():
            for run in target.find_all(keys).values():
                copied = copy_run(run, self._local)
                if copied.how in ("new", "updated"):
                    self._marks.came_from_there(Path(self._local.files_of(copied.run_id)))
                self._tell(fetched=run.id)

    def _push(self, patience: float = 0) -> None:
        """Copy what the server lacks; the first that fails is the last that is tried."""
        owed = self._marks.owed()
        if not owed or (target := self._opened()) is None:
            return
        target.load()
        with suppress(Timeout), lock(turn(target), patience):  # else another process copies into it
            self._copy_all(owed, target)

    def _copy_all(self, owed: list[Path], target: RunStore) -> None:
        with ThreadPoolExecutor(target.at_once) as threads:
            copied = [threads.submit(self._copy, folder, target) for folder in owed]
            for each in copied:
                if error := each.exception():
                    threads.shutdown(cancel_futures=True)
                    raise error
        runs = [run for each in copied if (run := each.result())]
        if runs:
            names = [run.tags.get(SUMMARY) or run.tags.get(SWEEP, "") for run in runs]
            target.show(list(dict.fromkeys(filter(None, names))))

    def _copy(self, folder: Path, target: RunStore) -> StoredRun | None:
        """Copy a run, or summary; gives it if it has ended and the server now has all of it."""
        word = self._marks.word(folder)
        if not word or (run := run_files.read(self._local, folder)) is None:
            return None
        copied = copy_run(run, target)
        over = run.status != "RUNNING" and copied.how != "busy"
        if over:
            self._marks.settle(folder, word)
        elif run.alive and copied.how == "there":
            target.tag(copied.run_id, {HEARTBEAT: run.tags[HEARTBEAT]})
        self._tell(copied=run.id, look=target.whereabouts(copied.run_id)[1:])
        return run if over else None


def _read(requests: queue.Queue[dict[str, Any]]) -> None:
    for line in sys.stdin:
        requests.put(json.loads(line))
    requests.put({"close": True})


def _print(**said: Any) -> None:
    try:
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:  # whoever has started us is gone; what is left is left for the next
        os._exit(0)


def main() -> None:
    """Read requests in a thread, and do what they say."""
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")
    uri = json.loads(sys.stdin.readline())["uri"]
    requests: queue.Queue[dict[str, Any]] = queue.Queue()
    threading.Thread(target=_read, args=(requests,), daemon=True).start()
    root, experiment = sys.argv[1:]
    Mirroring(Path(root), uri, experiment, _print).run(requests)


if __name__ == "__main__":
    main()
