"""Every page says what is so: its commands can be typed, its Python makes sense, and its links lead somewhere."""

from __future__ import annotations

import ast
import re
import shlex
import tomllib
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest
from commands import nnexp
from pages import ROOT, Page, commands, pages
from running import run_nnexp

from nnexp.cli import main
from nnexp.config.command_line import read
from nnexp.config.compose import several
from nnexp.config.errors import problems_of_line
from nnexp.config.presets import presets
from nnexp.config.schema import register
from nnexp.notebook.words import interval, words_of, words_of_several
from nnexp.searches.plan import plan_search
from nnexp.sweeps.plan import plan

EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
TRAINS = re.compile(r"(?:python -m nnexp\.run|nnexp-run|nnexp run)\b ?(.*)")
LOOKS = re.compile(r"nnexp (?!run\b)(.+)")
INSTALLS = re.compile(r"pip install .*?'?(?:nnexp|\.)\[(\w+)\]'?")
OURS = re.compile(r"(?:(?:python|bash) )?((?:scripts|\.ci)/\S+)(?: .*)?|pytest\b.* (tests/\S+)")
PRESET = re.compile(r"(?:-m )?experiments=([\w-]+)")
OF_SETTINGS = ("check", "find-eta", "rerun")  # commands of nnexp whose words are settings
PROBLEM = r"[\w.]+: (?:got .+|.+; write .+)\n"
REFUSED = re.compile(rf"(?:\$ )?python -m nnexp\.run (.+)\n+((?:{PROBLEM})+)")  # what is typed, and what is said of it

OTHERS = {  # what else is typed, by its beginning, and why no test looks at it
    "pip install -e .": "the tests would not run without",
    "pip install optuna-dashboard": "a package of others",
    "python3 -m venv .venv": "Python's own",
    "source .venv/bin/activate": "Python's own",
    'eval "$(nnexp completion': "tests/cli/test_completion.py has a shell do so",
    "pytest": "all of these tests",
    "pre-commit install": "git's hooks",
    "mlflow ui": "MLflow's own",
    "export MLFLOW_": "MLflow's variables",
    "cd scripts/server": "a folder",
    "docker compose": "scripts/lint looks at compose.yaml",
}

register()


def of_kind(kind: re.Pattern[str]) -> list[str]:
    """What follows in the commands of this kind."""
    found = map(kind.fullmatch, commands())
    return list(dict.fromkeys(next(filter(None, match.groups()), "") for match in found if match))


def test_every_command_is_of_a_kind_that_is_looked_at() -> None:
    kinds = (TRAINS, LOOKS, INSTALLS, OURS)
    left = [each for each in commands() if not any(kind.fullmatch(each) for kind in kinds)]
    assert [each for each in left if not each.startswith(tuple(OTHERS))] == []


@cache
def refused() -> dict[str, str]:
    """The commands that are shown for what is said of them, and that."""
    blocks = (code for page in pages() for _, code in page.blocks)
    return {found[1]: found[2] for found in map(REFUSED.fullmatch, blocks) if found}


@pytest.mark.parametrize(
    "typed", [each for each in of_kind(TRAINS) if each not in refused() and not PRESET.fullmatch(each)]
)
def test_a_command_that_trains_has_settings_that_are_settings(
    typed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    own = tmp_path / "my" / "experiments"  # the folder of a reader's own presets
    own.mkdir(parents=True)
    shown = next(code for page in pages() for _, code in page.blocks if code.startswith("# @package"))
    (own / "small.yaml").write_text(shown)
    line = read([word for word in shlex.split(typed) if word != "..."])
    assert line.problems == []
    if line.sweeps:
        assert planned([each for each in line.settings if not each.startswith(("tracking", "hydra."))])
    else:
        assert problems_of_line(line) == []


def test_a_preset_that_is_run_is_there() -> None:
    """What it trains is in tests/program/test_presets.py."""
    names = [found[1] for found in map(PRESET.fullmatch, of_kind(TRAINS)) if found]
    assert names
    assert {*names} <= {each.name for each in presets()}


def planned(words: list[str]) -> Any:
    """The plan of a sweep or a search that is not remembered; raises what is wrong with it."""
    with several([*words, "tracking=off"]) as (every, settings, parser, made):
        searches = any(each.startswith(("search=", "experiments=search-")) for each in words)
        return (plan_search if searches else plan)(every, settings, parser, made)


@pytest.mark.parametrize("typed", refused())
def test_a_refused_command_is_told_what_the_page_shows(typed: str) -> None:
    assert nnexp(ROOT, "check", *shlex.split(typed)).stderr == refused()[typed]


@pytest.mark.parametrize("typed", of_kind(LOOKS))
def test_a_command_of_nnexp_can_be_typed_so(typed: str) -> None:
    plain = re.sub(r" \[([^]|]*?)(?: ?\|[^]]*)?\]", r" \1", typed).replace(" ...", "")  # [what may be left out]
    name, *words = shlex.split(plain)
    command = command_called(name)
    context = click.Context(command)
    if "--help" in words:
        return
    given, left, _ = command.make_parser(context).parse_args(list(words))  # which empties it
    assert not left
    by_name = {each.name: each for each in command.params}
    for each, value in given.items():
        if isinstance(value, str) and not isinstance(by_name[each].type, click.Path):
            by_name[each].type_cast_value(context, value)
    if name in OF_SETTINGS:
        assert problems_of_line(read([word for word in words if "=" in word])) == []


@pytest.mark.parametrize("named", list(dict.fromkeys(each for page in pages() for each in page.mentions)))
def test_a_command_that_a_sentence_names_has_those_options(named: str) -> None:
    _, name, *words = shlex.split(named)
    options = {option for each in command_called(name).params for option in each.opts} | {"--help"}
    assert {word.strip("[]").partition("=")[0] for word in words if word.strip("[").startswith("--")} <= options


def command_called(name: str) -> click.Command:
    """The command of nnexp of this name."""
    command = main.get_command(click.Context(main), name)
    assert command, name
    return command


@pytest.mark.parametrize("extra", of_kind(INSTALLS))
def test_what_is_installed_beside_can_be(extra: str) -> None:
    assert extra in EXTRAS


@pytest.mark.parametrize("file", of_kind(OURS))
def test_a_script_or_a_test_that_is_run_is_there(file: str) -> None:
    assert (ROOT / file).is_file()


@pytest.mark.parametrize("page", [page for page in pages() if page.programs], ids=lambda page: page.name)
def test_its_python_imports_what_nnexp_has(page: Page) -> None:
    imports = [node for each in page.programs for node in ast.walk(ast.parse(each)) if isinstance(node, ast.ImportFrom)]
    ours = [
        (node.module, each.name) for node in imports for each in node.names if (node.module or "").startswith("nnexp")
    ]
    assert [(module, name) for module, name in ours if not hasattr(import_module(module or ""), name)] == []


def calls(name: str) -> list[str]:
    """The calls of a function of nnexp's on all pages, as code; those with names of the page's own are left out."""
    nodes = (node for page in pages() for each in page.programs for node in ast.walk(ast.parse(each)))
    found = (node for node in nodes if isinstance(node, ast.Call) and ast.unparse(node.func) == f"nnexp.{name}")
    return [ast.unparse(call) for call in found if names(call) <= {"nnexp", "range"}]


def names(call: ast.Call) -> set[str]:
    return {node.id for node in ast.walk(call) if isinstance(node, ast.Name)}


@pytest.mark.parametrize("call", calls("train_run"))
def test_a_run_from_python_has_settings_that_are_settings(call: str) -> None:
    words = words_of(keywords(call, "train_run"))
    assert problems_of_line(read(words)) == []


@pytest.mark.parametrize("call", [*calls("sweep"), *calls("search")])
def test_a_sweep_or_a_search_from_python_can_be_planned(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    searches = call.startswith("nnexp.search")
    asked = keywords(call, "search" if searches else "sweep")
    assert planned([*(["search=tpe"] if searches else []), *words_of_several(asked)])


def keywords(call: str, name: str) -> dict[str, Any]:
    """The settings that the call gives to the function of this name."""
    given: dict[str, Any] = {}
    instead = type(
        "nnexp", (), {name: staticmethod(lambda *_, **settings: given.update(settings)), "interval": interval}
    )
    eval(call, {"nnexp": instead, "range": range})  # noqa: S307  # our own pages
    return {each: value for each, value in given.items() if each not in ("name", "trials", "sampler")}


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_its_links_lead_somewhere(page: Page) -> None:
    others = {each.path: each for each in pages()}
    for link in page.links:
        path, _, anchor = link.partition("#")
        target = (page.path.parent / path).resolve() if path else page.path
        assert target.exists(), link
        assert not anchor or target not in others or anchor in others[target].anchors, link


@pytest.mark.slow
def test_the_run_for_a_server_says_that_it_needs_its_address(tmp_path: Path) -> None:
    done = run_nnexp(tmp_path, "tracking=server")
    assert done.returncode == 2
    assert "MLFLOW_TRACKING_URI" in done.stderr


@pytest.mark.slow
def test_one_run_goes_to_no_cluster(tmp_path: Path) -> None:
    done = run_nnexp(tmp_path, "launch=slurm", "tracking=folder")
    assert done.returncode == 2
    assert done.stderr.endswith("launch: slurm does the jobs of sweeps: python -m nnexp.run -m ...\n")


def test_a_folder_without_runs_has_nothing_to_copy(tmp_path: Path) -> None:
    done = nnexp(tmp_path, "sync", "--to", "http://mlflow.example.org")
    assert done.returncode == 2
    assert "has neither outputs/runs nor mlflow.db, expected runs" in done.stderr
