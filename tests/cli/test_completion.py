"""What TAB gives: by click's protocol in each shell, and in a real bash."""

from __future__ import annotations

import contextlib
import os
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


def test_sweeps_whose_jobs_workers_pull_are_completed(tmp_path: Path) -> None:
    for name in ("eta-seed", "sizes"):
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


def test_a_real_bash_completes_a_value(tmp_path: Path) -> None:
    script = 'eval "$(nnexp completion bash)"; COMP_WORDS=(nnexp run activation = re) COMP_CWORD=4\n'
    script += '_nnexp_completion nnexp; printf "%s\\n" "${COMPREPLY[@]}"'
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "--norc", "-c", script],
        cwd=tmp_path,
        env=environment() | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("relu\n", "")
