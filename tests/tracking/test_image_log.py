"""Images over time in MLflow."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from running import give_store

from nnexp.tracking.mlflow.store import open_store

pytestmark = [  # of SQLAlchemy at MLflow, and of MLflow at its own type hints
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*type hint:UserWarning"),
]


@pytest.fixture
def client(tmp_path: Path) -> Any:
    return open_store(f"sqlite:///{give_store(tmp_path)}/mlflow.db", "nnexp").client


def new_run(client: Any, folder: Path) -> Any:
    name = f"images {len(client.search_experiments())}"
    return client.create_run(client.create_experiment(name, artifact_location=str(folder / name)))


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A folder of images of a first layer: epochs 0 and 10."""
    folder = tmp_path / "images"
    (folder / "first_layer").mkdir(parents=True)
    for epoch in (0, 10):
        Image.new("P", (30, 20), epoch).save(folder / f"first_layer/{epoch:04d}.png")
    return folder


def logged(client: Any, run: Any) -> list[str]:
    return sorted(Path(file.path).name for file in client.list_artifacts(run.info.run_id, "images"))


def without_time_and_id(name: str) -> str:
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", re.sub(r"timestamp\+\d+", "timestamp+T", name))


def test_the_files_and_tags_are_what_mlflow_itself_would_have_made(client: Any, images: Path, tmp_path: Path) -> None:
    from nnexp.tracking.mlflow.ui.image_log import log_images

    ours, theirs = new_run(client, tmp_path), new_run(client, tmp_path)
    log_images(client, ours, images)
    for step in (0, 10):
        with Image.open(images / f"first_layer/{step:04d}.png") as image:
            client.log_image(theirs.info.run_id, image, key="first_layer", step=step)
    assert [*map(without_time_and_id, logged(client, ours))] == [*map(without_time_and_id, logged(client, theirs))]
    tags = [client.get_run(run.info.run_id).data.tags["mlflow.loggedImages"] for run in (ours, theirs)]
    assert tags == ["True", "True"]


def test_logged_again_they_are_there_once(client: Any, images: Path, tmp_path: Path) -> None:
    from nnexp.tracking.mlflow.ui.image_log import log_images

    run = new_run(client, tmp_path)
    log_images(client, run, images)
    before = logged(client, run)
    log_images(client, run, images)
    assert logged(client, run) == before
    assert len(before) == 4


def test_without_a_folder_nothing_is_logged(client: Any, tmp_path: Path) -> None:
    from nnexp.tracking.mlflow.ui.image_log import log_images

    run = new_run(client, tmp_path)
    log_images(client, run, tmp_path / "nothing")
    assert logged(client, run) == []
    assert "mlflow.loggedImages" not in client.get_run(run.info.run_id).data.tags
