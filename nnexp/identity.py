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
    "data.path",
    "data.folder",
    "data.urls",
    "data.sha256",
)


def counts(name: str) -> bool:
    """Whether a setting can change a run's numbers. name: as on the command line."""
    return not any(name == other or name.startswith(f"{other}.") for other in NOT_COUNTED)


def run_key(settings: dict[str, Any], data_sha256: str) -> str:
    """SHA-256, hexadecimal, over the settings that count, the data's SHA-256 and the version of the arithmetic."""
    counted = {name: value for name, value in settings.items() if counts(name)}
    identity = {"settings": counted, "data": data_sha256, "arithmetic": ARITHMETIC}
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
