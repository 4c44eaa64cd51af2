"""What TAB inserts at a terminal, in each real shell: one word, whatever a store of somebody else's has for a name."""

from __future__ import annotations

import json
import os
import pty
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from processes import wait_until
from running import environment

from nnexp.cli import main

NAMES = {
    name: name
    for name in (
        *("a b", "evil $(touch MADE)", "`touch MADE`", "a;touch MADE", "x&touch MADE", "x|touch MADE"),
        *("it's", 'said "$(touch MADE)"', "*", "${HOME}", "{a,b}", "(touch MADE)", "#", "!!", "comma,colon:"),
    )
} | {"two\n$(touch MADE)": "two", "plain": "plain"}  # a name, and the word that is inserted

NNEXP = """#!{python}
import json, os, sys
from pathlib import Path
folder = Path({folder!r})
if "_NNEXP_COMPLETE" not in os.environ:
    (folder / "new").write_text(json.dumps(sys.argv[1:]))
    (folder / "new").rename(folder / "typed")
    sys.exit()
import click
from click.shell_completion import CompletionItem
from nnexp.cli.shells import SHELLS
name = json.loads((folder / "name").read_text())
offer = lambda *_: [CompletionItem(name, help=help) for help in [{help!r}]]
command = click.Command("nnexp", params=[click.Argument(["x"], shell_complete=offer)])
print(SHELLS[os.environ["_NNEXP_COMPLETE"].partition("_")[0]](command, {{}}, "nnexp", "_NNEXP_COMPLETE").complete())
"""
START = {
    "bash": ["bash", "--noprofile", "--rcfile", "start", "-i"],
    "zsh": ["zsh", "-d", "-i"],  # it reads .zshrc
    "fish": ["fish", "--no-config", "-C", "source start", "-i"],
}
BEFORE = {"bash": "", "zsh": "autoload -U compinit; compinit -u -D\n", "fish": ""}

Enter = Callable[[str], list[str]]


@pytest.fixture(params=START)
def enter(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Enter]:
    """Has `nnexp`, TAB and Enter typed where TAB offers this name; gives the words that nnexp is called with."""
    shell: str = request.param
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    script = BEFORE[shell] + CliRunner().invoke(main, ["completion", shell]).stdout
    (tmp_path / "start").write_text(script)
    (tmp_path / ".zshrc").write_text(script)
    fake = NNEXP.format(python=sys.executable, folder=str(tmp_path), help="$(touch MADE) `touch MADE`")
    (tmp_path / "nnexp").write_text(fake)
    (tmp_path / "nnexp").chmod(0o755)
    homes = dict.fromkeys(("HOME", "ZDOTDIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME"), str(tmp_path))
    own = environment() | homes | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "TERM": "xterm"}
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(tmp_path)
        os.execvpe(START[shell][0], START[shell], own)  # noqa: S606  # a shell is what is tried
    os.set_blocking(terminal, False)

    def typed(name: str) -> list[str]:
        (tmp_path / "name").write_text(json.dumps(name))
        os.write(terminal, b"nnexp \t\r")
        wait_until(lambda: _said(terminal) is None and (tmp_path / "typed").exists(), "nnexp, called", 60)
        words: list[str] = json.loads((tmp_path / "typed").read_text())
        (tmp_path / "typed").unlink()
        return words

    yield typed
    os.close(terminal)  # which ends the shell
    os.waitpid(pid, 0)


def _said(terminal: int) -> None:
    """Read what the shell has printed: it would wait for a reader."""
    try:
        while os.read(terminal, 65536):
            pass
    except BlockingIOError:
        pass


@pytest.mark.slow
def test_a_name_is_inserted_as_one_word_and_runs_nothing(enter: Enter, tmp_path: Path) -> None:
    assert {name: enter(name) for name in NAMES} == {name: [word] for name, word in NAMES.items()}
    assert not (tmp_path / "MADE").exists()
