"""What worker processes need: it is imported once, before the first of them is forked."""

from __future__ import annotations

TRAINING = [  # what takes long to import, and every run needs
    "nnexp.runner.job",
    "nnexp.runner.one_run",
    "matplotlib.backends.backend_agg",
    "matplotlib.figure",
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
