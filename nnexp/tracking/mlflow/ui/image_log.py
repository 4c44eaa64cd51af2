"""Images over time, as MLflow keeps them: its UI shows each with a slider for the step."""

from __future__ import annotations

import re
import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from mlflow.tracking.multimedia import COMPRESSED_IMAGE_SIZE
from mlflow.utils.mlflow_tags import MLFLOW_LOGGED_IMAGES

from nnexp.runtime.temporary import temporary_folder

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

NAMED = re.compile(
    r"images/(?P<key>[^/]+?)(?P<mark>[+%])step(?P=mark)(?P<step>\d+)(?P=mark)timestamp(?P=mark)[^/]*?(?P<end>\.png|(?P=mark)compressed\.webp)"
)
FOLDER = "images"  # among the artifacts, where MLflow's UI looks


def log_images(client: MlflowClient, run: Run, folder: Path) -> None:
    """Log every NAME/STEP.png of the folder as the image NAME of that step; nothing if the folder is not there.

    What `MlflowClient.log_image` gives, but all in one go, and under names that are the same each time: a run that was
    cut short in here writes no image twice.
    """
    from PIL import Image
    from PIL.Image import Resampling

    if not folder.is_dir():
        return
    with temporary_folder() as copies:
        for file in sorted(folder.glob("*/*.png")):
            target = Path(copies) / name(file.parent.name, int(file.stem), run)
            shutil.copyfile(file, f"{target}.png")
            with Image.open(file) as image:
                small = image.convert("RGB")
            small.thumbnail((COMPRESSED_IMAGE_SIZE, COMPRESSED_IMAGE_SIZE), Resampling.BILINEAR, reducing_gap=1)
            small.save(f"{target}+compressed.webp", method=0)  # the quickest
        client.log_artifacts(run.info.run_id, copies, FOLDER)
    client.set_tag(run.info.run_id, MLFLOW_LOGGED_IMAGES, True)


def name(key: str, step: int, run: Run) -> str:
    """The name, without its ending, that MLflow 3.17 gives an image of this step; made of what is the run's own."""
    return f"{key}+step+{step}+timestamp+{run.info.start_time}+{uuid.uuid5(uuid.NAMESPACE_OID, run.info.run_id)}"


def plain_path(path: str) -> str:
    """The path NAME/STEP.png below `FOLDER` of a file among a run's artifacts; its own path if it is no such image.

    Empty for what MLflow shows in its stead, which is made of it.
    """
    if (image := NAMED.fullmatch(path)) is None:
        return path
    return f"{FOLDER}/{image['key']}/{int(image['step']):04d}.png" if image["end"] == ".png" else ""
