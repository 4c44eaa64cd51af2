"""The tags that runs carry, by names that no version of nnexp changes: stores hold them."""

from __future__ import annotations

import re

from nnexp.tracking.palette import COLOR, color, in_color

KEY, PINNED = "nnexp.key", "nnexp.pinned"
SWEEP = "sweep"
SUMMARY = "nnexp.summary"  # of the run that sums up a sweep, with the sweep's name
BEST, VERDICT = "nnexp.best_run", "nnexp.verdict"  # of such a run: the sweep's best run, and its result in a line
REPORT_OF = "nnexp.report_of"  # of such a run: what its report was made of
CONFIRMED = "-confirmed"  # how a sweep's name ends that tries the best of a search once more, by fresh seeds
ERROR, COMMAND = "nnexp.error", "nnexp.command"
STOPPED = "nnexp.stopped"  # why the run has fewer epochs than its settings say
PRUNED = "nnexp.pruned"  # the study that has ended the run before that
OF_AN_END = (STOPPED, PRUNED)  # which a run that goes on has no more
ORIGIN = "nnexp.id"  # of a run that was copied and has another id now: the one that it began with
COPIED = "nnexp.copied"  # the state of a run that this is a copy of
BEGUN = "begun "  # what that begins with until all of it is there
DATA_SHA256 = "nnexp.data.sha256"
CHECKPOINT_FOLDER = "nnexp.checkpoints"  # where the run's checkpoints are, on the machine that wrote it
NOTE = "mlflow.note.content"  # markdown, which MLflow's UI shows


def key_tag(key: str) -> str:
    """The name of a tag of the run with this key, whose value is `yes`: databases have an index of names alone."""
    return f"{KEY}.{key}"


def member(sweep: str) -> str:
    """The name of the tag of the sweep's runs, whose value is `yes`."""
    return f"{SWEEP}.{sweep}"


def searchable(sweep: str) -> bool:
    """Whether MLflow takes tags with the sweep's name in them, and can search for them: an archive may hold any."""
    return re.fullmatch(r"[\w. -]{1,200}", sweep) is not None


def setting_tag(sweep: str) -> str:
    """The name of the tag of the sweep's runs that says which of its settings a run has, seeds apart."""
    return f"setting.{sweep}"


def end_tags(stopped: str, pruned: str) -> dict[str, str]:
    """The tags of a run that has ended. stopped: why it has fewer epochs; pruned: the study that has ended it."""
    return {name: said for name, said in ((STOPPED, stopped), (PRUNED, pruned)) if said}


def sweep_tags(sweep: str, group: int, setting: str) -> dict[str, str]:
    """The tags of a run of this sweep: the one it was last in, one for each that it is in, its setting and its colour.

    group: which of the sweep's settings, seeds apart, it has. setting: the same in words; empty if only seeds vary.
    """
    tags = {SWEEP: sweep, member(sweep): "yes", COLOR: color(group)}
    return tags | ({(tag := setting_tag(sweep)): in_color(tag, setting, group)} if setting else {})
