"""What worker processes import before there is work, while the main process is still busy with other things."""

from __future__ import annotations

TRAINING = [  # what takes long to import, and every run needs
    "nnexp.runner.job",
    "nnexp.runner.one_run",
    "PIL.ImageDraw",
    "PIL.ImageFont",
    "PIL.PngImagePlugin",
    "PIL.WebPImagePlugin",
]
MLFLOW = [  # and those that MLflow remembers
    "nnexp.tracking.mlflow.run_store",
    "mlflow.pyfunc",
    "mlflow.store.tracking.sqlalchemy_store",
]


def modules(tracking: str) -> list[str]:
    """The modules that jobs need. tracking: the kind of store that remembers them."""
    return [*TRAINING, *(MLFLOW if tracking == "mlflow" else [])]
