"""Getting worker processes ready before there is work, while the main process is still busy with other things."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nnexp.launch.workers import prepare

HYDRA = ["hydra", "hydra.core.utils"]
TRAINING = [  # what takes long to import, and every run of ours needs
    "nnexp.runner.one_run",
    "nnexp.tracking.mlflow.run_store",
    "mlflow.pyfunc",
    "mlflow.store.tracking.sqlalchemy_store",
    "matplotlib.backends.backend_agg",
    "matplotlib.figure",
    "PIL.ImageDraw",
    "PIL.ImageFont",
    "PIL.PngImagePlugin",
    "PIL.WebPImagePlugin",
]


def warm(task_function: Callable[..., Any]) -> None:
    """Start importing what jobs of this task will need."""
    prepare([*HYDRA, *(TRAINING if is_ours(task_function) else [])])


def is_ours(task_function: Callable[..., Any]) -> bool:
    """Whether a job trains a network of ours; the launcher works for any Hydra application."""
    return getattr(task_function, "__module__", "").startswith("nnexp.")
