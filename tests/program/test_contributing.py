"""What CONTRIBUTING says of adding a part is so."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from running import PATIENCE, environment

TEXT = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text()
START = """
import sys
import nnexp.nn.activations as folder
folder.__path__.append({folder!r})  # as if the file lay there
from nnexp.run import main
main()
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("setting", "code", "output"),
    [("activation.sharpness=2", 0, "test accuracy"), ("activation.sharpness=0", 2, "expected a number > 0")],
)
def test_its_activation_is_one_file_that_trains_and_is_checked(
    tmp_path: Path, setting: str, code: int, output: str
) -> None:
    (source,) = re.findall(r"```python\n(.+?)```", TEXT, re.DOTALL)
    parts = tmp_path / "parts"
    parts.mkdir()
    (parts / "softsign.py").write_text(source)
    words = ["data=digits", "sizes=[64,10,10]", "epochs=2", "eta=0.1", "tracking=off", "activation=softsign", setting]
    done = subprocess.run(
        [sys.executable, "-c", START.format(folder=str(parts)), *words],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert output in done.stdout + done.stderr
