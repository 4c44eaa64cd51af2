"""Artifacts in S3-compatible storage behind a server: they come back as they were, and a backup has them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from mlflow_servers import mlflow_server
from processes import answer_of, free_port
from running import environment, run_new
from servers import SCRIPTS

from nnexp.tracking.stores.mlflow import MLflow

pytestmark = [
    pytest.mark.integration,
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("moto") is None or find_spec("boto3") is None, reason="moto is not installed"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # botocore's, of what Python has put in its place
]

BUCKET = "mlflow"  # that of scripts/server/compose.yaml
DOCKER = """#!/usr/bin/env bash
# What `docker compose exec -T SERVICE ...` runs in a service is run here.
shift 4
[ "$1" != pg_dump ] || exec echo a dump
exec "$PYTHON" "${@:2}"
"""


@dataclass
class Storage:
    """A storage that runs. login: the environment variables of who may use it."""

    login: dict[str, str]

    @property
    def client(self) -> Any:
        import boto3

        secret = self.login["AWS_SECRET_ACCESS_KEY"]
        return boto3.client(
            "s3",
            endpoint_url=self.login["MLFLOW_S3_ENDPOINT_URL"],
            region_name=self.login["AWS_DEFAULT_REGION"],
            aws_access_key_id=self.login["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=secret,
        )

    def content(self, end: str) -> bytes:
        """Of the object whose name ends so."""
        client = self.client
        (key,) = [
            each["Key"] for each in client.list_objects_v2(Bucket=BUCKET)["Contents"] if each["Key"].endswith(end)
        ]
        return bytes(client.get_object(Bucket=BUCKET, Key=key)["Body"].read())


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    """moto's S3, with a bucket."""
    port, folder = free_port(), tmp_path_factory.mktemp("storage")
    words = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with (folder / "storage.log").open("wb") as log:
        process = subprocess.Popen(words, env=environment(), stdout=log, stderr=log, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    keys = {"AWS_ACCESS_KEY_ID": "a-name", "AWS_SECRET_ACCESS_KEY": "a-secret", "AWS_DEFAULT_REGION": "us-east-1"}
    try:
        answer_of(process, address)
        found = Storage(keys | {"MLFLOW_S3_ENDPOINT_URL": address})
        found.client.create_bucket(Bucket=BUCKET)
        yield found
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


@pytest.fixture(scope="module")
def server(storage: Storage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that keeps artifacts there; who trains has no key of the storage."""
    folder = tmp_path_factory.mktemp("server")
    with mlflow_server(folder, "--artifacts-destination", f"s3://{BUCKET}", **storage.login) as address:
        yield address


@pytest.fixture(scope="module")
def trained(server: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a command that has trained a run for the server."""
    folder = tmp_path_factory.mktemp("trained")
    words = ("tracking=server", "data=digits", "sizes=[64,10]", "epochs=2", "pictures=false")
    done = run_new(folder, *words, MLFLOW_TRACKING_URI=server)
    assert done.returncode == 0, done.stderr
    return folder


def weights_of(folder: Path) -> bytes:
    (file,) = folder.glob("outputs/runs/*/weights.npz")
    return file.read_bytes()


def test_weights_come_back_from_the_storage_through_the_server_as_they_were(
    server: str, storage: Storage, trained: Path
) -> None:
    (run,) = MLflow(uri=server).itself(make=False).search()
    with run.artifact("weights.npz") as file:
        assert file.read_bytes() == weights_of(trained)
    assert storage.content(f"{run.id}/artifacts/weights.npz") == weights_of(trained)


def test_a_backup_has_the_artifacts_of_the_storage(storage: Storage, trained: Path, tmp_path: Path) -> None:
    (docker := tmp_path / "bin/docker").parent.mkdir()
    docker.write_text(DOCKER)
    docker.chmod(0o755)
    path = f"{docker.parent}:{os.environ['PATH']}"
    told = environment() | storage.login | {"PATH": path, "PYTHON": sys.executable}
    subprocess.run([SCRIPTS / "backup", "compose", tmp_path / "backups"], env=told, check=True, capture_output=True)
    (archive,) = (tmp_path / "backups").glob("*/artifacts.tar.gz")
    with tarfile.open(archive) as opened:
        (name,) = [name for name in opened.getnames() if name.endswith("/artifacts/weights.npz")]
        member = opened.extractfile(name)
        assert member is not None
        assert member.read() == weights_of(trained)
