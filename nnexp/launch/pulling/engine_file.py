"""What an engine remembers of the workers that it has started for a queue, in a file of the queue's folder."""

from __future__ import annotations

import json

from nnexp.errors import UsageError
from nnexp.launch.engines.base import Engine, Facts
from nnexp.launch.launchers.base import Launcher
from nnexp.launch.pulling.presence import facts_of
from nnexp.launch.pulling.queue import Queue
from nnexp.runtime import owned_files

FILE = "engine.json"


def remember(queue: Queue, engine: Engine, facts: Facts) -> None:
    """Write down which engine has started workers, and what it has to remember of them."""
    owned_files.write(queue.folder / FILE, json.dumps({"engine": engine.kind, "facts": dict(facts)}))


def engine_of(queue: Queue) -> tuple[Engine, Facts] | None:
    """The engine that has started workers, and its facts; None if none has, or it is none that is known here.

    Raises `UsageError` for one that is known, but lacks a fact.
    """
    match facts_of(path := queue.folder / FILE):
        case {"engine": str(kind), "facts": dict(facts)} if kind in Launcher.kinds():
            engine, said = Launcher.named(kind).engine(), {name: str(fact) for name, fact in facts.items()}
            is_option = any(fact.startswith("-") for fact in said.values())  # of the commands that are told it
            if engine is None or is_option:
                return None
            if lacking := [name for name in engine.remembers if name not in said]:
                raise UsageError(
                    f"{path}: got facts of {kind} without {', '.join(lacking)}, expected {', '.join(engine.remembers)}"
                )
            return engine, said
    return None
