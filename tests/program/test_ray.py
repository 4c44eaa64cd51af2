"""Sweeps on a real Ray: whatever happens to workers and to who has started them, they come to the serial ones."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from clusters import SWEEP, done, finish, one_after_the_other, results, submitted, under_way
from processes import wait_until
from ray_cluster import ray
from running import environment

from nnexp.launch.engines.ray_calls import NAMESPACE

if TYPE_CHECKING:
    from namespaces import Namespace

pytestmark = [pytest.mark.slow, pytest.mark.integration]
__all__ = ["ray"]

ON_RAY = [*SWEEP, "launch=ray", "launch.workers=2"]


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What the sweep comes to without a cluster."""
    return one_after_the_other(tmp_path_factory.mktemp("serial") / "sweep")


def actors(ray: Namespace) -> list[psutil.Process]:
    """The processes of Ray that have a worker as their child."""
    parents = [each.parent() for each in ray.running("worker")]
    return [each for each in parents if each and each.name().startswith("ray::")]


def nothing_left(ray: Namespace) -> None:
    wait_until(lambda: not actors(ray), "Ray has no worker")
    wait_until(lambda: not ray.running("worker"), "no worker is left")


def test_nothing_of_the_cluster_can_be_reached_from_outside(ray: Namespace) -> None:
    assert ray.devices() == ["lo"]


def test_a_sweep_whose_workers_and_submitter_are_killed_is_the_serial_one(
    ray: Namespace, tmp_path: Path, expected: dict[str, list[str]]
) -> None:
    with submitted(ray, tmp_path, *ON_RAY, "launch.workers=4") as first:
        under_way(tmp_path, 2)
        first.kill()
    with submitted(ray, tmp_path, *ON_RAY, "launch.workers=4") as second, canceller(ray) as other:
        under_way(tmp_path)
        actors(ray)[0].children()[0].kill()  # of four, two wait for a core
        under_way(tmp_path)
        actors(ray)[0].kill()
        under_way(tmp_path)
        facts = json.loads((tmp_path / "outputs/sweeps/all/engine.json").read_text())["facts"]
        other.communicate(facts["workers"])
        finish(second)
    assert results(tmp_path) == expected
    nothing_left(ray)


CANCEL = f"""
import sys, ray
from ray.util import list_named_actors
ray.init(address="auto", namespace="{NAMESPACE}", log_to_driver=False)
prefix = input()
ray.kill(ray.get_actor(next(name for name in list_named_actors() if name.startswith(prefix))))
"""


@contextmanager
def canceller(ray: Namespace) -> Iterator[subprocess.Popen[str]]:
    """A process that ends one of the workers whose names begin as it is told; connecting takes it some seconds."""
    command = ray.inside(sys.executable, "-c", CANCEL)
    with subprocess.Popen(command, env=environment(), stdin=subprocess.PIPE, text=True) as process:
        yield process
        assert process.wait() == 0


def test_a_sweep_that_nobody_waits_for_is_concluded_by_its_last_worker(
    ray: Namespace, tmp_path: Path, expected: dict[str, list[str]]
) -> None:
    with submitted(ray, tmp_path, *ON_RAY, "launch.wait=false") as sweep:
        said = finish(sweep)
    assert done(tmp_path) < len(expected)
    assert "`nnexp sweeps all --follow` shows it" in said
    wait_until((tmp_path / "outputs/sweeps/all/concluded").exists, "it is concluded")
    assert results(tmp_path) == expected
    nothing_left(ray)


def test_cancelled_workers_store_what_is_under_way_and_give_it_back(
    ray: Namespace, tmp_path: Path, expected: dict[str, list[str]]
) -> None:
    with submitted(ray, tmp_path, *ON_RAY, "launch.wait=false") as sweep:
        finish(sweep)
    under_way(tmp_path)
    assert "cancel" in ray.says(sys.executable, "-m", "nnexp.cli", "sweeps", "all", "--cancel", folder=tmp_path)
    nothing_left(ray)
    assert not list(tmp_path.glob("outputs/sweeps/all/claimed/*"))
    with submitted(ray, tmp_path, *ON_RAY) as again:
        finish(again)
    assert results(tmp_path) == expected


def test_workers_that_are_all_gone_end_the_sweep_and_the_same_command_does_what_is_left(
    ray: Namespace, tmp_path: Path, expected: dict[str, list[str]]
) -> None:
    with submitted(ray, tmp_path, *ON_RAY) as sweep:
        under_way(tmp_path)
        for each in actors(ray):
            each.kill()
        assert "no worker is left: Ray has no worker all-" in sweep.communicate()[0]
        assert sweep.returncode == 1
    with submitted(ray, tmp_path, *ON_RAY) as again:
        finish(again)
    assert results(tmp_path) == expected
    nothing_left(ray)


@pytest.mark.parametrize(("address", "why"), [("10.64.0.2:1", "ConnectionRefusedError")])
def test_a_cluster_that_there_is_not_is_told_and_nothing_is_written(
    ray: Namespace, tmp_path: Path, address: str, why: str
) -> None:
    with submitted(ray, tmp_path, *ON_RAY, f"launch.address={address}") as sweep:
        said = sweep.communicate()[0]
    assert sweep.returncode == 2
    assert f"launch.address: got '{address}' ({why}" in said
    assert {path.name for path in tmp_path.glob("outputs/*/*")} <= {".nnexp"}  # the mark of the run store
    assert not ray.running("start"), "no cluster is started"


def test_nodes_of_another_numpy_are_refused_by_name(ray: Namespace, tmp_path: Path) -> None:
    other = tmp_path / "other" / "numpy-1.0.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Name: numpy\nVersion: 1.0\n")
    with submitted(ray, tmp_path, *ON_RAY, variables=[f"PYTHONPATH={other.parent}"]) as sweep:
        said = sweep.communicate()[0]
    assert sweep.returncode == 2
    assert re.search(r"numpy: got 2\..*, expected 1\.0", said)
