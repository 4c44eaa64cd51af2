"""What every choice of data is, and what its settings may be."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from nnexp.data.sources.base import Source
from nnexp.data.sources.digits import Digits
from nnexp.data.sources.fashion_mnist import GZIPPED, FashionMnist
from nnexp.data.sources.idx import Idx
from nnexp.data.sources.mnist import Mnist
from nnexp.data.sources.mnist_pickle import MnistPickle
from nnexp.data.sources.npz import Npz

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [Mnist, Npz, Idx, MnistPickle, FashionMnist, Digits]


def test_every_source_is_found_by_its_kind() -> None:
    assert {kind: Source.kinds()[kind] for kind in (source.kind for source in SOURCES)} == {
        "mnist": Mnist,
        "npz": Npz,
        "idx": Idx,
        "mnist_pickle": MnistPickle,
        "fashion_mnist": FashionMnist,
        "digits": Digits,
    }


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_is_a_structured_config_that_omegaconf_turns_into_an_object(source: Source) -> None:
    assert OmegaConf.to_object(OmegaConf.structured(source)) == source()


def test_only_sources_that_are_certain_of_their_examples_say_so() -> None:
    known = {source.kind: source.known for source in SOURCES if source.known}
    assert known == {"mnist": (784, 10), "fashion_mnist": (784, 10), "digits": (64, 10)}


GOOD_HASHES = dict.fromkeys(GZIPPED, "0" * 64)


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (MnistPickle(), "data.path: got '', expected the article's .pkl.gz file"),
        (MnistPickle(path="x", classes=1), "data.classes: got 1, expected a whole number >= 2"),
        (Npz(path=" "), "data.path: got ' ', expected an .npz file with x_train, y_train, x_test, y_test"),
        (Npz(path="x", validation=-1), "data.validation: got -1, expected a whole number >= 1"),
        (Npz(path="x", validation=0), "data.validation: got 0, expected a whole number >= 1"),
        (Npz(path="x", classes=0), "data.classes: got 0, expected a whole number >= 2"),
        (Idx(), "data.folder: got '', expected the folder of four IDX files such as train-images-idx3-ubyte.gz"),
        (Idx(folder="x", validation=-3), "data.validation: got -3, expected a whole number >= 1"),
        (FashionMnist(sha256=GOOD_HASHES), "data.urls: got none, expected at least one address"),
        (
            FashionMnist(urls=["file:///etc/"], sha256=GOOD_HASHES),
            "data.urls: got 'file:///etc/', expected an address that begins with http:// or https://",
        ),
        (
            FashionMnist(urls=["http://a/"], sha256={"../x": "0" * 64}),
            f"data.sha256: got ../x, expected {', '.join(GZIPPED)}",
        ),
        (
            FashionMnist(urls=["http://a/"], sha256=GOOD_HASHES | {GZIPPED[0]: "md5:1"}),
            f"data.sha256: got 'md5:1' for {GZIPPED[0]}, expected 64 hexadecimal digits",
        ),
    ],
)
def test_a_setting_that_makes_no_sense_is_one_problem(source: Source, problem: str) -> None:
    assert source.problems() == [problem]


@pytest.mark.parametrize(
    "source", [Mnist(), Digits(), Npz(path="x"), Idx(folder="x", validation=3, classes=2), MnistPickle(path="x")]
)
def test_sensible_settings_are_no_problem_though_nothing_is_read(source: Source) -> None:
    assert source.problems() == []


def test_the_settings_of_fashion_mnist_in_conf_are_no_problem() -> None:
    settings = OmegaConf.to_container(OmegaConf.load(ROOT / "conf" / "data" / "fashion_mnist.yaml"))
    del settings["defaults"]
    assert FashionMnist(**settings).problems() == []


def test_the_modules_import_nothing_but_numpy_until_they_load() -> None:
    files = (ROOT / "nnexp" / "data").rglob("*.py")
    modules = ", ".join(".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files)
    slow = "sklearn scipy pooch requests tqdm platformdirs omegaconf hydra mlflow"
    code = f"import sys, {modules}; print(*[name for name in '{slow}'.split() if name in sys.modules])"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split() == []
