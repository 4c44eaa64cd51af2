"""The pages on clusters, run stores and commands: what they tell to type is there, and links lead somewhere."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
from commands import nnexp
from running import run_nnexp

from nnexp.cli import main

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / name
    for name in (
        "nnexp/launch/README.md",
        "nnexp/tracking/README.md",
        "nnexp/cli/README.md",
        "scripts/server/README.md",
    )
]
TRAINS = "python -m nnexp.run "


def commands(beginning: str) -> list[str]:
    """The pages' commands that begin so, without remarks."""
    lines = [line for page in PAGES for line in page.read_text().splitlines()]
    found = (re.fullmatch(rf" {{4}}({re.escape(beginning)}.*?)(?:  +#.*)?", line) for line in lines)
    return [match[1] for match in found if match]


@pytest.mark.slow
@pytest.mark.parametrize("command", [each for each in commands(TRAINS) if " -m " in each.removeprefix("python -m ")])
def test_a_sweep_can_be_planned(command: str, tmp_path: Path) -> None:
    words = [*shlex.split(command.removeprefix(TRAINS)), "sweep.plan=true", "tracking=folder"]
    done = run_nnexp(tmp_path, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"sweep .*: \d+ jobs", done.stdout)


@pytest.mark.slow
def test_the_run_for_a_server_says_that_it_needs_its_address(tmp_path: Path) -> None:
    (command,) = [each for each in commands(TRAINS) if "tracking=server" in each]
    done = run_nnexp(tmp_path, *shlex.split(command.removeprefix(TRAINS)))
    assert done.returncode == 2
    assert "MLFLOW_TRACKING_URI" in done.stderr


@pytest.mark.slow
def test_one_run_goes_to_no_cluster(tmp_path: Path) -> None:
    done = run_nnexp(tmp_path, "launch=slurm", "tracking=folder")
    assert done.returncode == 2
    assert done.stderr.endswith("launch: slurm does the jobs of sweeps: python -m nnexp.run -m ...\n")


@pytest.mark.parametrize("command", commands("nnexp "))
def test_what_is_typed_is_there(command: str) -> None:
    _, name, *words = shlex.split(command)
    command_there = main.get_command(click.Context(main), name)
    assert command_there
    options = {option for each in command_there.params for option in each.opts}
    assert {word.partition("=")[0] for word in words if word.startswith("--")} <= options


def test_a_folder_without_runs_has_nothing_to_copy(tmp_path: Path) -> None:
    command = commands("nnexp sync")[0]
    done = nnexp(tmp_path, *shlex.split(command)[1:])
    assert done.returncode == 2
    assert "has neither outputs/runs nor mlflow.db, expected runs" in done.stderr


def test_links_lead_somewhere() -> None:
    links = [page.parent / link for page in PAGES for link in re.findall(r"\]\((?!http)(.+?)\)", page.read_text())]
    assert len(links) == 2
    assert all(link.exists() for link in links)
