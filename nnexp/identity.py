"""What makes a run the run that it is: its key, over everything that can change its numbers."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from nnexp.nn.arithmetic import ARITHMETIC

# Where a run is logged, how it is launched and kept, and where its data was read from: the data's hash counts instead.
NOT_COUNTED = (
    "tracking",
    "launch",
    "sweep",
    "resume",
    "checkpoint_seconds",
    "checkpoint_upload",
    "pictures",
    "data.path",
    "data.folder",
    "data.max_gb",
    "data.urls",
    "data.sha256",
)

# Settings that came later, and the value that leaves a run what it was without them: keys of earlier runs still hold.
LATER: dict[str, Any] = {"monitor": [], "schedule": "constant", "stopping": "never"}

IN_ANY_ORDER = ("monitor",)  # lists whose order means nothing


def counts(name: str) -> bool:
    """Whether a setting can change a run's numbers, or which there are. name: as on the command line."""
    return not any(name == other or name.startswith(f"{other}.") for other in NOT_COUNTED)


def run_key(settings: dict[str, Any], data_sha256: str) -> str:
    """SHA-256, hexadecimal, over the settings that count, the data's SHA-256 and the version of the arithmetic."""
    said = {name: value for name, value in settings.items() if name not in LATER or value != LATER[name]}
    counted = {name: sorted(value) if name in IN_ANY_ORDER else value for name, value in said.items() if counts(name)}
    identity = {"settings": counted, "data": data_sha256, "arithmetic": ARITHMETIC}
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
