"""Imports that take long."""

from __future__ import annotations

import gc

from nnexp.runtime.loading import loading


def test_no_garbage_is_looked_for_meanwhile() -> None:
    with loading("MLflow"):
        assert not gc.isenabled()
    assert gc.isenabled()


def test_who_has_it_switched_off_finds_it_so() -> None:
    gc.disable()
    try:
        with loading("MLflow"):
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
