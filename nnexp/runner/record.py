"""What a run store is told of a run beside its events: its settings, where it comes from, its files."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from nnexp.config.naming import command, on_lines, setting_name
from nnexp.plots.pictures import IMAGES
from nnexp.runner.preparation import Prepared
from nnexp.runner.run_folder import FILES
from nnexp.runtime.signals import Interrupts
from nnexp.tracking.provenance import provenance
from nnexp.tracking.recording import Record
from nnexp.tracking.tags import CHECKPOINT_FOLDER, COMMAND, DATA_SHA256, KEY, NOTE, sweep_tags


def record_of(run: Prepared, checkpoints: Path, interrupts: Interrupts) -> Record:
    """The record of a run that keeps its checkpoints in that folder."""
    again, member = command(run.settings), run.membership
    tags = provenance()
    if member:
        tags |= sweep_tags(member.sweep, member.group, setting_name(run.settings, member.over))
    tags |= {
        KEY: run.key,
        COMMAND: again,
        DATA_SHA256: run.dataset.sha256,
        NOTE: f"Made again by\n\n{on_lines(shlex.split(again))}",
        CHECKPOINT_FOLDER: str(checkpoints),
    }
    return Record(run.name, params_of(run.settings), tags, run.folder, FILES, IMAGES, interrupts.held)


def params_of(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings that are logged: all but how a sweep was made and launched."""
    return {name: value for name, value in settings.items() if not name.startswith(("launch", "search", "sweep."))}
