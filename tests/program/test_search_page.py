"""The page on searches says what is so, and every command of it runs."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from commands import nnexp
from running import run_nnexp

from nnexp.searches.plan import MAY_CHANGE
from nnexp.study.pruners import PRUNERS
from nnexp.study.samplers.base import Sampler

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "nnexp/searches/README.md").read_text()
TRAINS, LOOKS = "python -m nnexp.run -m ", "nnexp "
SMALL = ["train_size=100", "epochs=1", "pictures=false", "tracking=folder", "launch=inline"]
FEW = ["search.trials=2", "search.startup=1", "search.population=2", "search.confirm=1"]
OF_SAMPLERS = {"search.startup": ("tpe", "search-eta", "search-best"), "search.population": ("nsga2", "search-pareto")}


def commands(beginning: str) -> list[str]:
    """The page's commands that begin so, in its order, without remarks."""
    lines = re.findall(rf"^ {{4}}({re.escape(beginning)}.*)$", PAGE, re.MULTILINE)
    return [line.partition("  #")[0] for line in lines]


def small(command: str) -> list[str]:
    """The command's words with fewer examples, epochs and trials, and one seed where it lists several."""
    words = {word.partition("=")[0]: word for word in shlex.split(command.removeprefix(TRAINS))}
    chosen = {words[name].partition("=")[2] for name in ("search", "experiments") if name in words}
    few = [word for word in FEW if chosen & {*OF_SAMPLERS.get(word.partition("=")[0], chosen)}]
    return ["-m", *(words | {word.partition("=")[0]: word for word in [*SMALL, *few, "seed=0"]}).values()]


@pytest.mark.slow
def test_its_commands_run_one_after_the_other(tmp_path: Path) -> None:
    for command in commands(TRAINS):
        done = run_nnexp(tmp_path, *small(command))
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    searches = {each.parent.name for each in tmp_path.glob("outputs/searches/*/study.journal")}
    assert "rate" in searches
    assert len(searches) == 6
    done = nnexp(tmp_path, *shlex.split(commands("nnexp compare")[0])[1:])
    assert done.returncode == 0, done.stderr
    looked = nnexp(tmp_path, "compare", "rate", "--uri", "outputs/runs")
    assert "rate is a search" in looked.stderr
    assert "nnexp compare rate-confirmed" in looked.stderr


def test_no_command_of_it_is_left_out() -> None:
    """What is shown on a terminal is in `tests/cli/test_study.py`."""
    assert [shlex.split(each)[1] for each in commands(LOOKS)] == ["compare", "ui"]
    others = re.findall(r"^ {4}((?:python|nnexp|pip|source) .*)$", PAGE, re.MULTILINE)
    assert len(others) == len([*commands(TRAINS), *commands(LOOKS), *commands("pip install")])


def test_it_names_every_sampler_and_every_pruner() -> None:
    rows = set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))
    assert rows == ({*Sampler.kinds()} | {*PRUNERS})


def test_it_says_what_may_change_when_a_search_goes_on() -> None:
    *first, last = (f"`search.{name}`" for name in MAY_CHANGE)
    assert f"{', '.join(first)} and {last} may change" in PAGE
