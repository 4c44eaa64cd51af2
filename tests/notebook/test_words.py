"""Python's values in Hydra's grammar."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnexp.notebook.words import interval, words_of, words_of_several


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (3, "3"),
        (0.5, "0.5"),
        (True, "True"),
        (None, "null"),
        ("mnist", "mnist"),
        ("my data.npz", "'my data.npz'"),
        ([784, 30, 10], "[784,30,10]"),
        ((784, 30, 10), "[784,30,10]"),
        (np.float64(0.5), "0.5"),
        (np.array([784, 10]), "[784,10]"),
        ({"a": np.int64(1)}, "{a:1}"),
    ],
)
def test_a_run_has_one_value_of_each_setting(value: Any, word: str) -> None:
    assert words_of({"name": value}) == [f"name={word}"]


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("eta", [0.5, 1, 3], "0.5,1,3"),
        ("eta", (0.5, 1), "0.5,1"),
        ("eta", np.array([0.5, 1.0]), "0.5,1.0"),
        ("eta", 3, "3"),
        ("seed", range(3), "0,1,2"),
        ("cost", ["quadratic", "cross_entropy"], "quadratic,cross_entropy"),
        ("sizes", [784, 30, 10], "[784,30,10]"),
        ("sizes", [[784, 30, 10], [784, 10]], "[784,30,10],[784,10]"),
        ("monitor", ["gradients"], "[gradients]"),
        ("dropout", [0.2, 0.5], "[0.2,0.5]"),
        ("dropout", (0.2, 0.5), "0.2,0.5"),
        ("dropout", [[0.2, 0.5], 0], "[0.2,0.5],0"),
        ("activation.layers", ["tanh", "relu"], "[tanh,relu]"),
        ("search.objectives", ["validation_accuracy", "parameters"], "[validation_accuracy,parameters]"),
        ("sweep.zip", ["eta", "epochs"], "[eta,epochs]"),
        ("train_size", [100, None], "100,null"),
    ],
)
def test_a_sweep_has_a_value_for_each_item(name: str, value: Any, word: str) -> None:
    assert words_of_several({name: value}) == [f"{name}={word}"]


def test_an_interval_is_all_numbers_between_its_ends() -> None:
    assert words_of_several({"eta": interval(0.1, 10)}) == ["eta=interval(0.1,10)"]


def test_a_logarithmic_interval_is_tagged() -> None:
    assert words_of_several({"eta": interval(1e-5, 1, log=True)}) == ["eta=tag(log,interval(1e-05,1))"]
