"""What a start goes by when its run is in the store already: its order of precedence, and waiting for others."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

from nnexp.config.naming import setting_name
from nnexp.config.sweep_settings import Membership
from nnexp.errors import ConfigError, redacted
from nnexp.nn.network import Network
from nnexp.runner import checkpoint_folders
from nnexp.runtime import locks
from nnexp.runtime.heartbeat import HOST, PROCESS, this_process
from nnexp.tracking.palette import COLOR, PALETTE
from nnexp.tracking.provenance import changes
from nnexp.tracking.run_store import RunStore, StoredRun
from nnexp.tracking.tags import sweep_tags
from nnexp.train.checkpoints import Checkpoints
from nnexp.train.events import EpochDone

log = logging.getLogger(__name__)

LOOK_AGAIN_SECONDS = 1.0


def alone(store: RunStore, key: str) -> AbstractContextManager[None]:
    """While it lasts, no other process of this machine trains the run with this key; waits for one that does."""
    waits = partial(log.info, "another process is training this very run: waiting for it")
    return locks.alone(f"{store.identity} {key}", waits)


def earlier(store: RunStore, key: str, resume: str, sleep: Callable[[float], object] = time.sleep) -> StoredRun | None:
    """The run that a start with this key goes by.

    1. a finished one: nothing is left to do;
    2. an unfinished one whose process is dead: it goes on;
    3. one that is alive on another machine: it is waited for, then as above;
    4. none: a new run.

    resume: `auto` is that order, `never` always a new run; with `require`, none is a `ConfigError`.
    """
    if resume == "never":
        return None
    waiting = False
    while (found := store.find(key)) and found.alive and not _left_by_us(found):
        if not waiting:
            log.info("run %s is being trained on another machine: waiting for it", found.id)
            waiting = True
        sleep(LOOK_AGAIN_SECONDS)
    if found is None and resume == "require":
        raise ConfigError([f"resume: got 'require', but {redacted(store.address)} has no run with these settings"])
    return found


def join(run: StoredRun, member: Membership, settings: dict[str, Any]) -> None:
    """Make a run that is there already one of this sweep's too; a colour that its user has chosen stays."""
    tags = sweep_tags(member.sweep, member.group, setting_name(settings, member.over))
    new = {name: value for name, value in tags.items() if run.tags.get(name) != value}
    if run.tags.get(COLOR, PALETTE[0]) not in PALETTE:
        new.pop(COLOR, None)
    if new:
        run.store.tag(run.id, new)


def go_on(
    run: StoredRun, folder: Path, checkpoints: Checkpoints, network: Network, data_sha256: str
) -> list[EpochDone]:
    """Fill the network from the run's last checkpoint; gives the epochs behind it, none if there is no checkpoint.

    folder: where the checkpoints are, and one that was uploaded is fetched to. data_sha256: of the data as it is now.
    """
    checkpoint_folders.fetch(run, folder)
    past = checkpoints.restore(network)
    where = f"after epoch {past[-1].epoch}" if past else "from the start, for it has left no checkpoint"
    log.info("going on with run %s %s", run.id, where)
    for change in changes(run.tags, data_sha256):
        log.warning("it may not be the unbroken run to the last bit: %s", change)
    return past


def _left_by_us(run: StoredRun) -> bool:
    """Whether it was this very process that left it unfinished."""
    ours = this_process()
    return all(run.tags.get(name) == ours[name] for name in (HOST, PROCESS))
