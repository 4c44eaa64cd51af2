"""What TAB gives: by click's protocol in each shell, and in a real bash."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from commands import listed
from running import environment

from nnexp.cli import main
from nnexp.config.offered import names, values
from nnexp.config.schema import DECLARED
from nnexp.launch.pulling.queue_file import FILE
from nnexp.runtime.owned_files import RUNS, take
from nnexp.tracking.folder.address import USUAL
from nnexp.tracking.folder.run_files import RUN
from nnexp.tracking.tags import SUMMARY


def offered(folder: Path, *words: str, of: str = "zsh") -> list[str]:
    """What is offered in the place of the last word, as the script of the shell is told."""
    typed = {"COMP_WORDS": "\n".join(["nnexp", *words]), "COMP_CWORD": str(len(words))}
    if of == "fish":
        typed |= {"COMP_CWORD": words[-1]}
    with contextlib.chdir(folder):
        done = CliRunner().invoke(main, env=typed | {"_NNEXP_COMPLETE": f"{of}_complete"}, prog_name="nnexp")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    if of == "zsh":
        return lines[1::3]
    return [line.partition(",")[2].partition("\t")[0] for line in lines]


def write_run(folder: Path, name: str, facts: dict[str, object]) -> None:
    take(folder / USUAL, RUNS)
    place = folder / USUAL / name
    place.mkdir()
    (place / RUN).write_text(json.dumps(facts))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_command_is_completed(tmp_path: Path, shell: str) -> None:
    assert offered(tmp_path, "ru", of=shell) == ["run", "runs"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_a_choice_is_completed(tmp_path: Path, shell: str) -> None:
    assert offered(tmp_path, "run", "activation=s", of=shell) == [
        "activation=sigmoid",
        "activation=silu",
        "activation=softplus",
    ]


def test_bash_gets_what_it_puts_behind_the_equals_sign(tmp_path: Path) -> None:
    assert offered(tmp_path, "run", "eta", "=", "3", "activation", "=", "re", of="bash") == ["relu"]
    assert offered(tmp_path, "run", "activation", "=", of="bash")[:2] == ["elu", "gelu"]


def test_the_last_of_several_values_is_completed(tmp_path: Path) -> None:
    assert offered(tmp_path, "run", "-m", "activation=relu,ta") == ["activation=relu,tanh"]


@pytest.mark.parametrize("command", [["run"], ["check"], ["find-eta"], ["rerun", "d8396f9e"], ["verify", "d8396f9e"]])
def test_settings_are_completed_where_they_are_typed(tmp_path: Path, command: list[str]) -> None:
    assert offered(tmp_path, *command, "optimiser.beta") == ["optimiser.beta1=", "optimiser.beta2="]


@pytest.mark.parametrize("words", [["run", "experiments=chapter3-dro"], ["presets", "chapter3-dro"]])
def test_presets_are_completed(tmp_path: Path, words: list[str]) -> None:
    (found,) = offered(tmp_path, *words)
    assert found == words[1] + "pout"


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("pictures", ["true", "false"]),
        ("resume", ["auto", "never", "require"]),
        ("eta", []),
        ("optimiser.beta1", []),
        ("sweep.plan", ["true", "false"]),
        ("nothing.of_ours", []),
    ],
)
def test_the_values_of_a_setting_are_those_that_can_be_listed(setting: str, expected: list[str]) -> None:
    assert list(values(setting)) == expected


def test_every_setting_has_its_name_and_what_it_means() -> None:
    assert DECLARED.keys() <= names("").keys()
    assert all(names("").values())


@pytest.mark.parametrize("command", ["verify", "rerun", "serve", "predict", "compare", "ui"])
def test_runs_are_completed_the_newest_first(folder: Path, command: str) -> None:
    ids = [row["id"] for row in listed(folder)]
    assert offered(folder, command, "") == [each[:8] for each in ids]
    assert offered(folder, command, ids[1][:10]) == [ids[1][:10]]


def test_there_are_no_runs_where_there_is_no_store(tmp_path: Path) -> None:
    assert offered(tmp_path, "verify", "") == []
    (tmp_path / "mlflow.db").write_text("no database")
    assert offered(tmp_path, "verify", "") == []
    assert offered(tmp_path, "verify", "--uri", "http://127.0.0.1:9", "") == []


def test_a_store_with_something_else_in_the_place_of_names_offers_the_others(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "mlflow.db")
    database.executescript("""
        CREATE TABLE experiments (experiment_id, name);
        CREATE TABLE runs (run_uuid, experiment_id, name, status, start_time, lifecycle_stage);
        CREATE TABLE tags (run_uuid, key, value);
        INSERT INTO experiments VALUES (1, 'nnexp');
        INSERT INTO runs SELECT value, 1, NULL, 'FINISHED', 0, 'active'
            FROM json_each('["a1", "a2", "a3", "b1", "$(c)", null, 7]');
        INSERT INTO tags VALUES ('a1', 'nnexp.summary', NULL), ('a2', 'nnexp.summary', x'00ff'),
            ('a3', 'nnexp.summary', 'right'), ('b1', 'other', NULL);
    """)
    database.close()
    assert offered(tmp_path, "compare", "") == ["right", "b1"]


def test_a_folder_of_runs_with_something_else_in_the_place_of_names_offers_the_others(tmp_path: Path) -> None:
    for name, tags in {"sweep-1": None, "sweep-2": {SUMMARY: None}, "sweep-3": {SUMMARY: "right"}}.items():
        write_run(tmp_path, name, {"id": name, "name": "n", "status": "FINISHED", "tags": tags})
    write_run(tmp_path, "sweep-4", {"id": 4, "name": "n", "status": "FINISHED", "tags": {SUMMARY: "wrong"}})
    assert offered(tmp_path, "compare", "") == ["right"]


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "mlflow.db")
    assert offered(tmp_path, "compare", "") == []
    (tmp_path / "mlflow.db").unlink()
    take(tmp_path / USUAL, RUNS)
    (tmp_path / USUAL / "sweep-1").mkdir()
    os.mkfifo(tmp_path / USUAL / "sweep-1" / RUN)
    assert offered(tmp_path, "compare", "") == []


@pytest.mark.parametrize("name", ["evil $(touch MADE)", "*", "`touch MADE`", "a;b", "--json", "..", "two\nlines"])
def test_a_name_that_no_sweep_may_have_is_not_offered(tmp_path: Path, name: str) -> None:
    write_run(tmp_path, "sweep-1", {"id": "1", "name": "n", "status": "FINISHED", "tags": {SUMMARY: name}})
    write_run(tmp_path, "sweep-2", {"id": "2", "name": "n", "status": "FINISHED", "tags": {SUMMARY: "right"}})
    assert offered(tmp_path, "compare", "") == ["right"]


def test_sweeps_whose_jobs_workers_pull_are_completed(tmp_path: Path) -> None:
    for name in ("eta-seed", "sizes", "eta $(touch MADE)"):
        (tmp_path / "outputs/sweeps" / name).mkdir(parents=True)
        (tmp_path / "outputs/sweeps" / name / FILE).touch()
    assert offered(tmp_path, "sweeps", "eta") == ["eta-seed"]


@pytest.mark.parametrize(
    ("shell", "fix"), [("bash", "compopt -o nospace"), ("zsh", 'suffix=(-S "")'), ("fish", "-m 1")]
)
def test_the_script_has_what_click_leaves_out(tmp_path: Path, shell: str, fix: str) -> None:
    assert fix in CliRunner().invoke(main, ["completion", shell]).stdout


def test_another_shell_is_refused() -> None:
    done = CliRunner().invoke(main, ["completion", "tcsh"])
    assert done.exit_code == 2
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish'" in done.output


def completed_by_bash(folder: Path, script: str) -> str:
    """What a real bash prints. script: what follows on `nnexp completion bash`."""
    path = f"{folder}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "--norc", "-c", f'eval "$(nnexp completion bash)"; {script}'],
        cwd=folder,
        env=environment() | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout


def test_a_real_bash_completes_a_value(tmp_path: Path) -> None:
    words = "COMP_WORDS=(nnexp run activation = re) COMP_CWORD=4"
    assert completed_by_bash(tmp_path, f'{words}; _nnexp_completion nnexp; echo "${{COMPREPLY[@]}}"') == "relu\n"


@pytest.mark.parametrize(
    "name", ["evil $(touch MADE)", "`touch MADE`", "a;touch MADE", "*", r"back\slash", "comma,", "~"]
)
def test_what_bash_inserts_is_one_word_that_runs_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "other").write_text(f"#!/bin/sh\nprintf '%s\\n' {shlex.quote(f'plain,{name}')}\n")
    (tmp_path / "other").chmod(0o755)
    typed = "COMP_WORDS=(other compare x) COMP_CWORD=2; _nnexp_completion other"
    entered = completed_by_bash(tmp_path, f"{typed}; eval \"printf '<%s>' ${{COMPREPLY[0]}}\"")
    assert entered == f"<{name}>"
    assert not (tmp_path / "MADE").exists()
