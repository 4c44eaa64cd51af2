"""What launch=slurm and launch=ray take, and what their engines are told."""

from __future__ import annotations

from typing import Any

import pytest
from omegaconf import OmegaConf

from nnexp.config.schema import ROOT
from nnexp.launch.launchers.base import Launcher


def engine(kind: str, **settings: Any) -> Any:
    return Launcher.named(kind, **settings).engine()


def test_slurm_is_asked_for_a_core_of_a_node_and_a_warning_unless_told_otherwise() -> None:
    assert engine("slurm").options == ["--nodes=1", "--ntasks=1", "--signal=B:TERM@60", "--cpus-per-task=1"]


def test_slurm_is_told_every_setting() -> None:
    settings = {"memory": "2G", "minutes": 90, "partition": "long", "account": "lab", "constraint": "avx512|amd"}
    options = engine("slurm", cores=4, warning_seconds=120, directives=["--qos=high"], **settings).options
    assert options[2:] == [
        "--signal=B:TERM@120",
        "--cpus-per-task=4",
        "--mem=2G",
        "--time=90",
        "--partition=long",
        "--account=lab",
        "--constraint=avx512|amd",
        "--qos=high",
    ]


@pytest.mark.parametrize(
    ("workers", "cores", "nodes", "expected"),
    [(32, 1, 2, 16), (5, 1, 2, 3), (4, 8, 2, 8), (4, 1, 9, 1), (4, 2, None, 2)],
)
def test_so_many_nodes_are_as_many_tasks_at_most(workers: int, cores: int, nodes: int | None, expected: int) -> None:
    asked = engine("slurm", workers=workers, cores=cores, nodes=nodes)
    assert (asked.cores, asked.options[3]) == (expected, f"--cpus-per-task={expected}")
    assert nodes is None or -(-workers // asked.cores) <= nodes


def test_the_settings_of_slurm_in_conf_are_its_defaults() -> None:
    said = OmegaConf.to_container(OmegaConf.load(ROOT / "conf" / "launch" / "slurm.yaml"))
    assert isinstance(said, dict)
    assert said.pop("defaults") == ["slurm_schema", "_self_"]
    assert {name: Launcher.named("slurm").settings[name] for name in said} == said


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"partition": "a b"}, r"launch.partition: got 'a b', expected a name"),
        ({"account": "$(id)"}, r"launch.account: got '\$\(id\)', expected a name"),
        ({"memory": "2 GB"}, r"launch.memory: got '2 GB', expected a size such as 2G"),
        ({"constraint": "avx512 amd"}, r"launch.constraint: got 'avx512 amd', expected features"),
        ({"minutes": 0}, r"launch.minutes: got 0, expected a whole number >= 1"),
        ({"nodes": 0}, r"launch.nodes: got 0, expected a whole number >= 1"),
        ({"cores": 0}, r"launch.cores: got 0, expected a whole number >= 1"),
        ({"workers": None}, r"launch.workers: got None, expected a whole number >= 1"),
        (
            {"directives": ["--qos=high\n#SBATCH --array=0-99"]},
            r"launch.directives: got .*, expected a list of options",
        ),
        ({"directives": ["#SBATCH --qos=high"]}, r"launch.directives: got .*, expected a list of options"),
        ({"directives": ["--export=NONE"]}, r"launch.directives: .* none of --array, .*--export"),
    ],
)
def test_a_setting_of_slurm_that_makes_no_sense_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Launcher.named("slurm", **settings)


def test_a_time_limit_that_leaves_no_time_before_its_warning_is_refused() -> None:
    with pytest.raises(ValueError, match=r"minutes: got 1 with launch.warning_seconds=60, expected at least 2"):
        Launcher.named("slurm", minutes=1)
    assert not Launcher.named("slurm", minutes=1, warning_seconds=20).problems()


def test_ray_is_told_every_setting() -> None:
    told = engine("ray", address="head:6379", cores=2, gigabytes=1.5, resources={"licence": 1})
    assert (told.address, told.cores) == ("head:6379", 2)
    assert told.options == {"num_cpus": 2, "memory": 1_500_000_000, "resources": {"licence": 1}}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"address": "ray://head:10001"}, r"launch.address: got 'ray://head:10001', expected auto, or HOST:PORT"),
        ({"gigabytes": 0}, r"launch.gigabytes: got 0, expected a number > 0"),
        ({"resources": {"licence": -1}}, r"launch.resources: got .*, expected amounts > 0 by name"),
        ({"workers": 0}, r"launch.workers: got 0, expected a whole number >= 1"),
    ],
)
def test_a_setting_of_ray_that_makes_no_sense_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Launcher.named("ray", **settings)
