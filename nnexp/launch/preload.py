"""What worker processes need: it is imported once, before the first of them is forked."""

from __future__ import annotations

from collections.abc import Iterable

TRAINING = ["nnexp.runner.job", "nnexp.runner.one_run"]  # what takes long to import, and every run needs
PICTURES = [  # and those that make pictures
    "PIL.ImageDraw",
    "PIL.ImageFont",
    "PIL.PngImagePlugin",
    "PIL.WebPImagePlugin",
]
MLFLOW = [  # and those that MLflow remembers
    "nnexp.tracking.mlflow.run_store",
    "mlflow.store.tracking.sqlalchemy_store",
]
ASKING = ["optuna", "nnexp.study.whole_lines"]  # and those that ask a study
COMPILED = ["nnexp.nn.compiled.program"]  # and those of the compiled engine


def modules(tracking: str, engines: Iterable[str], pictures: bool) -> list[str]:
    """The modules that jobs need. tracking: the kind of their store. engines, pictures: which, and whether any."""
    chosen = [(True, TRAINING), (pictures, PICTURES), (tracking == "mlflow", MLFLOW), ("compiled" in engines, COMPILED)]
    return [module for wanted, group in chosen if wanted for module in group]
