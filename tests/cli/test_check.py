"""`nnexp check` on real settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import nnexp

from nnexp.nn.activations.tanh import Tanh

QUICK = ("check", "experiments=quick", "engine=numpy")


def test_a_sound_configuration_is_right_and_not_suspicious(tmp_path: Path) -> None:
    done = nnexp(tmp_path, *QUICK)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-2:] == ["the gradient is right", "nothing else looks suspicious"]
    assert [line.split()[1] for line in done.stdout.splitlines()[2:4]] == ["64-30", "30-10"]


def test_what_is_suspicious_is_a_line_and_no_failure(tmp_path: Path) -> None:
    done = nnexp(tmp_path, *QUICK, "eta=500")
    assert done.returncode == 0
    assert "suspicious: layer 2: steps of eta=500 are" in done.stdout


def test_a_wrong_gradient_is_exit_code_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tanh, "derivative", lambda self, z, a: 1.0 - 0.99 * a * a)
    done = nnexp(tmp_path, *QUICK, "activation=tanh")
    assert done.returncode == 1
    assert "WRONG" in done.stdout


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    nnexp(tmp_path, *QUICK)
    assert list(tmp_path.iterdir()) == []


def test_all_bad_settings_are_told_at_once(tmp_path: Path) -> None:
    done = nnexp(tmp_path, *QUICK, "eta=-1", "etaa=3")
    assert done.returncode == 2
    assert {line.partition(":")[0] for line in done.stderr.splitlines()} == {"eta", "etaa"}
