"""What worker processes need: it is imported once, before the first of them is forked."""

from __future__ import annotations

TRAINING = ["nnexp.runner.job", "nnexp.runner.one_run"]  # what takes long to import, and every run needs
PICTURES = [  # and those that make pictures
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


def modules(tracking: str, pictures: bool) -> list[str]:
    """The modules that jobs need. tracking: the kind of store that remembers them. pictures: whether they make any."""
    return [*TRAINING, *(PICTURES if pictures else []), *(MLFLOW if tracking == "mlflow" else [])]
