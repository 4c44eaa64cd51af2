"""Every data source: what it gives, and what it says about a file that is broken or hostile."""

from __future__ import annotations

import builtins
import gzip
import hashlib
import io
import os
import pickle
import struct
import subprocess
import sys
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from omegaconf import OmegaConf

from nnexp.data.cache import LastLoaded
from nnexp.data.dataset import PIXEL, Part, dataset_from
from nnexp.data.sources.base import Source
from nnexp.data.sources.digits import Digits
from nnexp.data.sources.fashion_mnist import GZIPPED, FashionMnist
from nnexp.data.sources.idx import FILES, Idx
from nnexp.data.sources.mnist import FILE, SHA256, Mnist
from nnexp.data.sources.mnist_pickle import MnistPickle
from nnexp.data.sources.npz import Npz
from nnexp.errors import DataError
from nnexp.printable import visible

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [Mnist, Npz, Idx, MnistPickle, FashionMnist, Digits]


def pixels(n, side=4):
    return np.random.default_rng([n, side]).integers(0, 256, (n, side, side), dtype=np.uint8)


def labels(n):
    return (np.arange(n) % 10).astype(np.uint8)


def arrays(**changed):
    """The arrays of a sound .npz file, some of them changed; None leaves one out."""
    sound = {"x_train": pixels(24), "y_train": labels(24), "x_test": pixels(10), "y_test": labels(10)}
    return {key: value for key, value in (sound | changed).items() if value is not None}


def same(found, expected):
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


def refused(source):
    """The message of the error that loading ends with."""
    with pytest.raises(DataError) as caught:
        source.load()
    assert str(caught.value).strip()
    return str(caught.value)


# The choices


def test_every_source_is_found_by_its_kind():
    assert {kind: Source.kinds()[kind] for kind in (source.kind for source in SOURCES)} == {
        "mnist": Mnist,
        "npz": Npz,
        "idx": Idx,
        "mnist_pickle": MnistPickle,
        "fashion_mnist": FashionMnist,
        "digits": Digits,
    }


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_is_a_structured_config_that_omegaconf_turns_into_an_object(source):
    assert OmegaConf.to_object(OmegaConf.structured(source)) == source()


def test_only_sources_that_are_certain_of_their_examples_say_so():
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
def test_a_setting_that_makes_no_sense_is_one_problem(source, problem):
    assert source.problems() == [problem]


@pytest.mark.parametrize(
    "source", [Mnist(), Digits(), Npz(path="x"), Idx(folder="x", validation=3, classes=2), MnistPickle(path="x")]
)
def test_sensible_settings_are_no_problem_though_nothing_is_read(source):
    assert source.problems() == []


def test_the_settings_of_fashion_mnist_in_conf_are_no_problem():
    settings = OmegaConf.to_container(OmegaConf.load(ROOT / "conf" / "data" / "fashion_mnist.yaml"))
    del settings["defaults"]
    assert FashionMnist(**settings).problems() == []


def test_the_modules_import_nothing_but_numpy_until_they_load():
    modules = ", ".join(f"nnexp.data.{path.stem}" for path in (ROOT / "nnexp" / "data").glob("*.py"))
    slow = "sklearn scipy pooch requests tqdm platformdirs omegaconf hydra mlflow"
    code = f"import sys, {modules}; print(*[name for name in '{slow}'.split() if name in sys.modules])"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split() == []


# A data set from arrays


def dataset(x_train, y_train, x_test, y_test, **settings):
    train, test = Part(x_train, y_train, "x_train", "y_train"), Part(x_test, y_test, "x_test", "y_test")
    return dataset_from("small", train, test, sha256="", **settings)


def test_pixels_stay_bytes_and_are_scaled_by_a_256th():
    train = dataset(**arrays()).train
    assert (train.x.dtype, train.scale) == (np.uint8, 1 / 256)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", ">f4"])
def test_floats_stay_as_they_are_in_native_byte_order(dtype):
    x = np.linspace(-1, 1, 24 * 16).reshape(24, 16).astype(dtype)
    found = dataset(x, labels(24), x, labels(24)).test
    same(found.x, x.astype(np.dtype(dtype).newbyteorder("=")))
    assert found.scale == 1.0


def test_labels_become_int64():
    same(dataset(**arrays(y_test=labels(10).astype(float))).test.y, np.arange(10))


def test_examples_become_rows_and_the_data_set_remembers_their_shape():
    data = dataset(pixels(24), labels(24), pixels(10), labels(10))
    assert (data.shape, data.n_values) == ((4, 4), 16)
    same(data.test.x, pixels(10).reshape(10, 16))


@pytest.mark.parametrize(("values", "shape"), [(784, (28, 28)), (16, (4, 4)), (10, (10,)), (1, (1, 1))])
def test_flat_examples_are_pictures_if_their_length_is_a_square(values, shape):
    x = np.zeros((12, values))
    assert dataset(x, labels(12), x, labels(12)).shape == shape


def test_a_sixth_of_the_training_part_is_held_out_from_its_end():
    data = dataset(**arrays())
    same(data.train.x, pixels(24)[:20].reshape(20, 16))
    same(data.validation.x, pixels(24)[20:].reshape(4, 16))
    same(data.validation.y, labels(24)[20:].astype(np.int64))
    assert data.validation.scale == PIXEL


def test_as_many_as_asked_for_are_held_out():
    assert len(dataset(**arrays(), validation=23).train) == 1


def test_a_validation_part_of_its_own_leaves_the_training_part_whole():
    data = dataset(**arrays(), validation=Part(pixels(3), labels(3), "x", "y"))
    assert (len(data.train), len(data.validation)) == (24, 3)


def test_there_are_as_many_classes_as_the_highest_training_label_says():
    assert dataset(**arrays(y_train=labels(24) % 7, y_test=labels(10) % 3)).classes == 7


def labelled(n, position, label, dtype="int64"):
    y = labels(n).astype(dtype)
    y[position] = label
    return y


def with_value(value):
    x = np.zeros((24, 4, 4), np.float32)
    x[5, 0, 0] = value
    return x


FLOATS = np.zeros((10, 4, 4))
BROKEN_ARRAYS = {
    "label too high": ({"y_test": labelled(10, 3, 12)}, "y_test has a label 12 at position 3, expected 0 to 9"),
    "label negative": (
        {"y_train": labelled(24, 23, -1)},
        "y_train has a label -1 at position 23, expected whole numbers from 0",
    ),
    "label broken": ({"y_test": labelled(10, 2, 2.5, float)}, "y_test has a label 2.5 at position 2, expected 0 to 9"),
    "label nan": ({"y_test": labelled(10, 2, np.nan, float)}, "y_test has a label nan at position 2, expected 0 to 9"),
    "label infinite": ({"y_train": labelled(24, 1, np.inf, "f4")}, "y_train has a label inf at position 1, expected"),
    "label enormous": (
        {"y_train": labelled(24, 1, 2**63, "u8")},
        "y_train has a label 9223372036854775808 at position 1",
    ),
    "labels one-hot": (
        {"y_train": np.eye(24)},
        "y_train has shape (24, 24), expected (24,), a label for each example",
    ),
    "labels text": ({"y_test": np.array(list("0123456789"))}, "y_test holds <U1, expected labels 0 to 9"),
    "labels dates": ({"y_test": labels(10).astype("M8[s]")}, "y_test holds datetime64[s], expected labels 0 to 9"),
    "one class": ({"y_train": labels(24) * 0}, "y_train has no label but 0, expected at least two classes"),
    "counts differ": ({"y_train": labels(23)}, "y_train has 23 labels, expected 24, as many as x_train has examples"),
    "no examples": (
        {"x_train": pixels(0), "y_train": labels(0)},
        "x_train has shape (0, 4, 4), expected (n, values) or",
    ),
    "no values": ({"x_test": np.zeros((10, 0))}, "x_test has shape (10, 0), expected (n, values) or"),
    "one dimension": ({"x_train": np.zeros(24)}, "x_train has shape (24,), expected (n, values) or (n, height, width)"),
    "no dimension": ({"x_train": np.float64(3)}, "x_train has shape (), expected (n, values) or (n, height, width)"),
    "integers": ({"x_train": pixels(24).astype(int)}, "x_train holds int64, expected uint8 pixels or floats"),
    "complex": ({"x_train": pixels(24) * 1j}, "x_train holds complex128, expected uint8 pixels or floats"),
    "nan": ({"x_train": with_value(np.nan)}, "x_train has an infinity or a NaN in the example at position 5, expected"),
    "infinity": ({"x_train": with_value(-np.inf)}, "x_train has an infinity or a NaN in the example at position 5"),
    "other shape": (
        {"x_test": pixels(10, 5)},
        "x_test has examples of shape (5, 5), expected (4, 4) as in x_train",
    ),
    "other kind": ({"x_test": FLOATS}, "x_test holds float64, expected uint8 as in x_train"),
    "too few": (
        {"x_train": pixels(5), "y_train": labels(5), "y_test": labels(10) % 5},
        "x_train has 5 examples, expected at least 6, a sixth of them for validation",
    ),
}


@pytest.mark.parametrize(("changed", "message"), BROKEN_ARRAYS.values(), ids=BROKEN_ARRAYS)
def test_arrays_that_make_no_sense_are_refused_by_name(changed, message):
    with pytest.raises(DataError) as caught:
        dataset(**{key: np.asarray(value) for key, value in arrays(**changed).items()})
    assert message in str(caught.value)


@pytest.mark.parametrize("validation", [24, 100])
def test_holding_out_every_example_is_refused(validation):
    with pytest.raises(DataError, match=f"x_train has 24 examples, expected more than the {validation} held out"):
        dataset(**arrays(), validation=validation)


def test_a_training_label_beyond_the_classes_asked_for_is_refused():
    with pytest.raises(DataError, match="y_train has a label 5 at position 5, expected 0 to 4"):
        dataset(**arrays(), classes=5)


# .npz files


def npz_bytes(**changed):
    file = io.BytesIO()
    np.savez_compressed(file, **arrays(**changed))
    return file.getvalue()


def npz(tmp_path, **changed):
    path = tmp_path / "x.npz"
    path.write_bytes(npz_bytes(**changed))
    return path


def test_an_npz_file_comes_back_as_it_was_saved(tmp_path):
    path = npz(tmp_path)
    data = Npz(path=str(path), validation=4).load()
    same(data.train.x, pixels(24)[:20].reshape(20, 16))
    same(data.test.x, pixels(10).reshape(10, 16))
    same(data.test.y, np.arange(10))
    assert (data.name, data.shape, data.classes) == ("x.npz", (4, 4), 10)
    assert data.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_an_array_that_python_2_wrote_is_read_without_a_warning(tmp_path):
    npy = io.BytesIO()
    np.save(npy, labels(10))
    npy = npy.getvalue().replace(b"(10,), } ", b"(10L,), }")
    assert b"10L" in npy
    path = npz(tmp_path, y_test=None)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("y_test.npy", npy)
    same(Npz(path=str(path)).load().test.y, np.arange(10))


def with_member(name, content):
    def write(path):
        np.savez(path, **arrays(**{name: None}))
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(f"{name}.npy", content)

    return write


def cut(path):
    path.write_bytes(npz_bytes()[: len(npz_bytes()) // 2])


def flipped(path):
    raw = bytearray(npz_bytes())
    raw[100:140] = bytes(40)
    path.write_bytes(raw)


def saved(**changed):
    return lambda path: np.savez(path, **arrays(**changed))


BROKEN_NPZ = {
    "not there": (lambda path: None, "x.npz: is not there (looked in "),
    "folder": (lambda path: path.mkdir(), "x.npz: is a folder, expected an .npz file with x_train"),
    "pipe": (os.mkfifo, "x.npz: is not a regular file, expected an .npz file"),
    "empty": (lambda path: path.write_bytes(b""), "x.npz: is empty, expected an .npz file"),
    "not a zip": (lambda path: path.write_text("hello"), "x.npz: is not a zip file, expected an .npz file"),
    "one array": (lambda path: path.write_bytes(b"\x93NUMPY\x01\x00"), "x.npz: is not a zip file"),
    "truncated": (cut, "x.npz: is a damaged zip file"),
    "no data": (lambda path: path.write_bytes(b"PK\x03\x04"), "x.npz: is a damaged zip file"),
    "flipped bytes": (flipped, "x.npz: "),
    "missing key": (
        saved(y_test=None),
        "x.npz: holds x_train, y_train, x_test, expected x_train, y_train, x_test, y_test",
    ),
    "objects": (
        saved(y_test=np.array([{}] * 10, object)),
        "x.npz: y_test holds Python objects, expected an array of numbers",
    ),
    "no array": (with_member("y_test", b"hello"), "x.npz: y_test holds no array, expected an array of numbers"),
    "empty member": (with_member("y_test", b""), "x.npz: y_test holds no array, expected an array of numbers"),
    "cut array": (with_member("y_test", b"\x93NUMPY\x01\x00"), "x.npz: y_test holds something unreadable"),
    "label": (saved(y_test=labelled(10, 3, 12)), "x.npz: y_test has a label 12 at position 3, expected 0 to 9"),
    "counts": (saved(y_test=labels(9)), "x.npz: y_test has 9 labels, expected 10"),
    "structure": (saved(y_test=np.zeros(10, "i4,f4")), "x.npz: y_test holds [("),
}


@pytest.mark.parametrize(("breaking", "message"), BROKEN_NPZ.values(), ids=BROKEN_NPZ)
def test_a_broken_npz_file_is_refused_with_its_name_and_what_was_found(tmp_path, breaking, message):
    breaking(tmp_path / "x.npz")
    assert message in refused(Npz(path=str(tmp_path / "x.npz")))


def test_a_file_that_may_not_be_read_is_refused(tmp_path, monkeypatch):
    def forbidden(self):
        raise PermissionError(13, "Permission denied")

    path = npz(tmp_path)
    monkeypatch.setattr(Path, "read_bytes", forbidden)
    assert refused(Npz(path=str(path))).startswith(f"{path}: can't be read (Permission denied), expected an .npz file")


@pytest.mark.parametrize("path", ["a\0b", "~nobody-of-this-name/x", "x" * 5000])
def test_a_name_that_no_file_can_have_is_refused(path):
    assert ": can't be read (" in refused(Npz(path=path))


# MNIST, bundled


@pytest.fixture(scope="module")
def mnist():
    return Mnist().load()


def test_the_bundled_mnist_has_the_articles_counts_shapes_and_first_labels(mnist):
    assert [len(part) for part in (mnist.train, mnist.validation, mnist.test)] == [50_000, 10_000, 10_000]
    assert (mnist.name, mnist.shape, mnist.n_values, mnist.classes) == ("mnist", (28, 28), 784, 10)
    assert mnist.train.y[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert mnist.validation.y[:5].tolist() == [3, 8, 6, 9, 6]
    assert mnist.test.y[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]


def test_the_bundled_mnist_is_the_known_one_pixel_for_pixel(mnist):
    """Against the SHA-256 of the raw files of MNIST, known everywhere."""
    images = np.concatenate([mnist.train.x, mnist.validation.x])
    header = struct.pack(">4B3I", 0, 0, 8, 3, 60_000, 28, 28)
    known = "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
    assert hashlib.sha256(header + images.tobytes()).hexdigest() == known
    header = struct.pack(">4B3I", 0, 0, 8, 3, 10_000, 28, 28)
    known = "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
    assert hashlib.sha256(header + mnist.test.x.tobytes()).hexdigest() == known


def test_the_bundled_mnist_and_its_licence_note_have_the_hash_that_is_checked(mnist):
    assert mnist.sha256 == SHA256
    assert SHA256 in FILE.with_name("MNIST-LICENSE.md").read_text()


def test_a_changed_copy_of_the_bundled_mnist_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("nnexp.data.sources.mnist.FILE", npz(tmp_path))
    assert f"expected {SHA256}: install nnexp again" in refused(Mnist())


# IDX files


def idx_bytes(array):
    return struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def idx_files(side=4, n=24):
    return dict(zip(FILES, map(idx_bytes, (pixels(n, side), labels(n), pixels(10, side), labels(10))), strict=True))


def write(folder, files):
    for name, content in files.items():
        (folder / name).write_bytes(content)


def zipped(files):
    return {f"{name}.gz": gzip.compress(content) for name, content in files.items()}


def named(files, old, new):
    return {name.replace(old, new): content for name, content in files.items()}


NAMINGS = {
    "raw": lambda files: files,
    "gz": zipped,
    "emnist": lambda files: zipped(
        {f"emnist-letters-{name}": raw for name, raw in named(files, "t10k", "test").items()}
    ),
    "dots": lambda files: named(files, "-idx", ".idx"),
    "hidden copies": lambda files: files | {f"._{name}": b"x" for name in files} | {"readme.txt": b"x"},
}


@pytest.mark.parametrize("naming", NAMINGS.values(), ids=NAMINGS)
def test_idx_files_of_every_naming_hold_what_the_npz_file_holds(tmp_path, naming):
    folder = tmp_path / "letters"
    folder.mkdir()
    write(folder, naming(idx_files()))
    found, expected = Idx(folder=str(folder)).load(), Npz(path=str(npz(tmp_path))).load()
    for part in ("train", "validation", "test"):
        same(getattr(found, part).x, getattr(expected, part).x)
        same(getattr(found, part).y, getattr(expected, part).y)
    assert (found.name, found.shape, found.classes) == ("letters", (4, 4), 10)
    assert found.sha256 == hashlib.sha256(b"".join(idx_files().values())).hexdigest()


IMAGES, LABELS = FILES[:2]
BROKEN_IDX = {
    "missing": ({IMAGES: None}, f"has no {IMAGES}, expected one {IMAGES} or {IMAGES}.gz"),
    "two": ({f"x-{IMAGES}": b"x"}, f"has {IMAGES} and x-{IMAGES}, expected one {IMAGES}"),
    "both": ({f"{LABELS}.gz": b"x"}, f"has {LABELS} and {LABELS}.gz, expected one {LABELS}"),
    "empty": ({IMAGES: b""}, f"{IMAGES}: is empty, expected an IDX file"),
    "no header": (
        {IMAGES: b"\0\0"},
        f"{IMAGES}: has the magic number 0000, expected 00000803, unsigned bytes in 3 dim",
    ),
    "labels": ({IMAGES: idx_files()[LABELS]}, f"{IMAGES}: has the magic number 00000801, expected 00000803, unsigned"),
    "images": ({LABELS: idx_files()[IMAGES]}, f"{LABELS}: has the magic number 00000803, expected 00000801, unsigned"),
    "floats": ({IMAGES: b"\0\0\x0d\3" + bytes(12)}, f"{IMAGES}: has the magic number 00000d03, expected 00000803"),
    "cut header": ({IMAGES: b"\0\0\x08\3" + bytes(5)}, f"{IMAGES}: ends after 9 bytes, expected a header of 16"),
    "truncated": ({IMAGES: idx_files()[IMAGES][:-1]}, f"{IMAGES}: has 383 bytes after its header, expected 384 for"),
    "too long": (
        {LABELS: idx_files()[LABELS] + b"x"},
        f"{LABELS}: has at least 25 bytes after its header, expected 24 for the",
    ),
    "vast": (
        {IMAGES: b"\0\0\x08\3" + b"\xff" * 12},
        "expected 79228162458924105385300197375 for the shape (4294967295,",
    ),
    "nothing in it": ({IMAGES: idx_bytes(pixels(0))}, f"{IMAGES}: declares the shape (0, 4, 4), expected at least one"),
    "damaged gzip": ({IMAGES: b"\x1f\x8b" + bytes(30)}, f"{IMAGES}: is a damaged gzip file ("),
    "cut gzip": ({IMAGES: gzip.compress(idx_files()[IMAGES])[:-20]}, f"{IMAGES}: is a damaged gzip file (Compressed"),
    "counts": ({LABELS: idx_bytes(labels(23))}, f"{LABELS} has 23 labels, expected 24, as many as"),
    "label": ({FILES[3]: idx_bytes(labels(10) + 1)}, f"{FILES[3]} has a label 10 at position 9, expected 0 to 9"),
}


@pytest.mark.parametrize(("changed", "message"), BROKEN_IDX.values(), ids=BROKEN_IDX)
def test_a_broken_idx_file_is_refused_with_its_name_and_what_was_found(tmp_path, changed, message):
    write(tmp_path, {name: raw for name, raw in (idx_files() | changed).items() if raw is not None})
    found = refused(Idx(folder=str(tmp_path)))
    assert str(tmp_path) in found
    assert message in found


def test_a_gzip_file_with_a_flipped_byte_is_refused(tmp_path):
    raw = bytearray(gzip.compress(idx_files()[IMAGES]))
    raw[len(raw) // 2] ^= 0xFF
    write(tmp_path, idx_files() | {IMAGES: bytes(raw)})
    assert f"{IMAGES}: is a damaged gzip file" in refused(Idx(folder=str(tmp_path)))


@pytest.mark.parametrize(("name", "reason"), [("gone", "No such file"), ("file", "Not a directory"), ("a\0b", "null")])
def test_a_folder_that_is_none_is_refused(tmp_path, name, reason):
    (tmp_path / "file").write_text("x")
    found = refused(Idx(folder=str(tmp_path / name)))
    assert found.startswith(f"{visible(str(tmp_path / name))}: can't be read (")
    assert reason in found


# The article's pickle


def pairs(dtype=np.float32):
    return tuple(((pixels(n) * PIXEL).reshape(n, 16).astype(dtype), labels(n).astype(np.int64)) for n in (24, 10, 12))


def pickled(tmp_path, content, name="x.pkl.gz"):
    path = tmp_path / name
    path.write_bytes(content)
    return MnistPickle(path=str(path))


def holds_the_pairs(data):
    for part, (x, y) in zip((data.train, data.validation, data.test), pairs(), strict=True):
        same(part.x, x)
        same(part.y, y)
        assert part.scale == 1.0


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_of_every_protocol_comes_back_as_it_was_saved(tmp_path, protocol):
    source = pickled(tmp_path, gzip.compress(pickle.dumps(pairs(), protocol)))
    data = source.load()
    holds_the_pairs(data)
    assert (data.name, data.shape, data.classes) == ("x.pkl.gz", (4, 4), 10)
    assert data.sha256 == hashlib.sha256(Path(source.path).read_bytes()).hexdigest()


def test_a_pickle_that_is_not_gzipped_is_read_too(tmp_path):
    holds_the_pairs(pickled(tmp_path, pickle.dumps(pairs(), 2), "x.pkl").load())


def binary(data):
    """How Python 2 writes a string in protocol 2."""
    return b"T" + struct.pack("<i", len(data)) + data


def text(data):
    """How Python 2 writes a string in protocol 0."""
    return b"S" + repr(data)[1:].encode() + b"\n"


def dtype_of(name, order=b"<", string=binary):
    start, state = b"cnumpy\ndtype\n" + string(name), string(order)
    return start + b"K\x00K\x01\x87R(K\x03" + state + b"NNNI-1\nI-1\nK\x00tb"


def python_2_array(array, string, dtype=None, shape=None, data=None):
    name, size = array.dtype.str[1:].encode(), array.ndim
    dimensions = b"".join(b"J" + struct.pack("<i", n) for n in array.shape) + bytes([0x84 + size])
    return (
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85" + string(b"b") + b"\x87R(K\x01"
        + (dimensions if shape is None else shape)
        + (dtype or dtype_of(name, b"<", string))
        + b"\x89" + (string(array.tobytes()) if data is None else data) + b"tb"
    )  # fmt: skip


def python_2_pickle(string, **changed):
    """A pickle of `pairs()` as Python 2 wrote it, something of the first array changed."""
    (first, *rest) = [array for pair in pairs() for array in pair]
    parts = [python_2_array(first, string, **changed)] + [python_2_array(array, string) for array in rest]
    return b"\x80\x02" + b"".join(parts[i] + parts[i + 1] + b"\x86" for i in (0, 2, 4)) + b"\x87."


@pytest.mark.parametrize("string", [binary, text])
def test_a_pickle_that_python_2_wrote_is_read(tmp_path, string):
    holds_the_pairs(pickled(tmp_path, gzip.compress(python_2_pickle(string))).load())


def test_a_handmade_pickle_means_the_same_to_python(tmp_path):
    found = pickle.loads(python_2_pickle(binary), encoding="latin1")
    same(found[2][0], pairs()[2][0])


def test_arrays_in_fortran_order_and_big_endian_are_read_as_the_numbers_they_are(tmp_path):
    odd = tuple((np.asfortranarray(x).astype(">f4", order="F"), y.astype(">i2")) for x, y in pairs())
    for protocol in (2, 5):
        holds_the_pairs(pickled(tmp_path, pickle.dumps(odd, protocol)).load())


def test_a_pickle_of_pixels_is_scaled_as_pixels_are(tmp_path):
    parts = tuple((pixels(n), labels(n)) for n in (24, 10, 12))
    data = pickled(tmp_path, pickle.dumps(parts, 2)).load()
    same(data.train.x, pixels(24).reshape(24, 16))
    assert (data.train.scale, data.shape) == (PIXEL, (4, 4))


class Calls:
    """Pickles as a call of a function: the classic way to make a pickle run something."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


VICTIM = "victim"
TOUCH = f"touch {VICTIM}"
OPEN = f"open({VICTIM!r}, 'w')"
CALLS = {
    "os.system": (Calls(os.system, TOUCH), f"{os.system.__module__}.system"),
    "os.popen": (Calls(os.popen, TOUCH), "os.popen"),
    "eval": (Calls(eval, OPEN), ".eval"),
    "exec": (Calls(exec, OPEN), ".exec"),
    "open": (Calls(open, VICTIM, "w"), ".open"),
    "getattr": (Calls(builtins.getattr, "x", "y"), ".getattr"),
    "subprocess": (Calls(subprocess.Popen, ["touch", VICTIM]), "subprocess.Popen"),
    "numpy.save": (Calls(np.save, VICTIM, 1), "numpy.save"),
    "numpy.load": (Calls(np.load, VICTIM, None, True), "numpy.load"),
    "numpy.memmap": (Calls(np.memmap, VICTIM, "u1", "w+", 0, 9), "numpy.memmap"),
    "numpy scalar": (np.float64(3), "multiarray.scalar"),
    "a path": (Path("x"), "pathlib."),
}


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
@pytest.mark.parametrize(("held", "name"), CALLS.values(), ids=CALLS)
def test_a_pickle_that_holds_anything_else_is_refused_by_name_and_runs_nothing(
    tmp_path, monkeypatch, held, name, protocol
):
    monkeypatch.chdir(tmp_path)
    parts = (pairs()[0], (pairs()[1][0], held), pairs()[2])
    found = refused(pickled(tmp_path, gzip.compress(pickle.dumps(parts, protocol, fix_imports=False))))
    assert not (tmp_path / VICTIM).exists()
    assert f"{tmp_path / 'x.pkl.gz'}: holds " in found
    assert name in found
    assert found.endswith(", expected numpy arrays and nothing else")


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
@pytest.mark.parametrize("held", [{1}, [1, 2], {"a": 1}, 2.5, bytearray(b"x")])
def test_a_pickle_of_something_harmless_that_is_no_array_is_refused_too(tmp_path, held, protocol):
    parts = (pairs()[0], (pairs()[1][0], held), pairs()[2])
    assert ", expected " in refused(pickled(tmp_path, pickle.dumps(parts, protocol)))


def u64(n):
    return struct.pack("<Q", n)


ARRAY = b"cnumpy\nndarray\n"
DTYPE = b"cnumpy\ndtype\n"
FRESH = b"cnumpy.core.multiarray\n_reconstruct\n)R"
DEEP = b"N" + b"2\x86" * 5000  # each pair holds the one before twice
ODD = {
    "system, by protocol 0's instance": (b"(S'" + TOUCH.encode() + b"'\nios\nsystem\n.", "the pickle operation INST"),
    "system, as an object": (b"(cos\nsystem\nS'" + TOUCH.encode() + b"'\no.", "os.system"),
    "system, in a numpy module": (b"cnumpy.os\nsystem\n.", "numpy.os.system"),
    "a method of an array": (b"\x80\x04\x8c\x05numpy\x8c\x0dndarray.dumps\x93.", "numpy.ndarray.dumps"),
    "a stand-in by its own name": (
        b"cnnexp.data.array_pickle\nStoredArray\n.",
        "nnexp.data.array_pickle.StoredArray",
    ),
    "a name with a terminal's escapes": (b"cos\x1b[2J\nsystem\n.", r"holds os\x1b[2J.system"),
    "new object": (ARRAY + b")\x81.", "the pickle operation NEWOBJ"),
    "persistent id": (b"P" + VICTIM.encode() + b"\n.", "the pickle operation PERSID"),
    "binary persistent id": (b"U\x06victimQ.", "the pickle operation BINPERSID"),
    "extension": (b"\x82\x01.", "the pickle operation EXT1"),
    "large extension": (b"\x84\x01\x00\x00\x00.", "the pickle operation EXT4"),
    "buffer from elsewhere": (b"\x97.", "the pickle operation NEXT_BUFFER"),
    "state for a class": (ARRAY + b"(K\x01K\x02K\x03K\x04K\x05tb.", "damaged pickle"),
    "a dictionary as state": (FRESH + b"}b.", "the pickle operation EMPTY_DICT"),
    "two states": (FRESH + b"NN\x86b.", "damaged pickle"),
    "state for a function": (b"c_codecs\nencode\nNN\x86b.", "holds one type"),
    "state for a number": (b"K\x01K\x02b.", "damaged pickle"),
    "dtype with a short state": (DTYPE + b"U\x02f4\x85R)b.", "damaged pickle"),
    "calling a number": (b"K\x01)R.", "damaged pickle"),
    "calling with a text": (DTYPE + b"U\x02f4R.", "holds one Dtype"),
    "calling an array": (FRESH + b")R.", "damaged pickle"),
    "huge memo": (b"Nr\xff\xff\xff\xff.", "holds one NoneType"),
    "huge text memo": (b"Np" + b"9" * 4000 + b"\n.", "holds one NoneType"),
    "huge number": (b"I" + b"9" * 5000 + b"\n.", "damaged pickle"),
    "negative memo": (b"Np-1\n.", "damaged pickle"),
    "memo of nothing": (b"h\x05.", "damaged pickle"),
    "huge bytes": (b"\x8e" + u64(2**62) + b"abc", "damaged pickle"),
    "huge bytearray": (b"\x96" + u64(2**40) + b"abc", "damaged pickle"),
    "impossible bytes": (b"\x8e" + u64(2**64 - 1), "damaged pickle"),
    "huge text": (b"\x8d" + u64(2**62) + b"abc", "damaged pickle"),
    "huge frame": (b"\x80\x04\x95" + u64(2**62) + b"N", "damaged pickle"),
    "negative string": (b"T\xff\xff\xff\xff.", "damaged pickle"),
    "negative long": (b"\x8b\xff\xff\xff\xff.", "damaged pickle"),
    "unknown protocol": (b"\x80\x09N.", "damaged pickle"),
    "unknown byte": (b"\xee.", "the byte 238"),
    "no stack": (b"R.", "damaged pickle"),
    "no mark": (b"t.", "damaged pickle"),
    "nothing to return": (b".", "damaged pickle"),
    "wrong escape": (b"S'\\q'\n.", "damaged pickle"),
    "cut escape": (b"S'\\x'\n.", "damaged pickle"),
    "no end": (b"N", "damaged pickle"),
    "text file": (b"hello\n", "damaged pickle"),
    "very deep": (DEEP + b".", "holds a tuple of 2, expected a tuple of three pairs (x, y)"),
    "very deep parts": (DEEP + b"22\x87.", "its training part is a tuple of 2, expected a tuple of two arrays"),
    "very deep argument": (DTYPE + DEEP + b"R.", "holds one Dtype"),
    "numbers": (b"K\x01K\x02K\x03\x87.", "its training part is one int, expected a tuple of two arrays, x and y"),
    "two parts": (pickle.dumps(pairs()[:2], 2), "holds a tuple of 2, expected a tuple of three pairs (x, y)"),
    "one array": (pickle.dumps(labels(10), 2), "holds an array, expected a tuple of three pairs (x, y)"),
    "three arrays": (
        pickle.dumps((labels(10),) * 3, 2),
        "its training part is an array, expected a tuple of two arrays",
    ),
    "triples": (
        pickle.dumps(((labels(10),) * 3,) * 3, 2),
        "its training part is a tuple of 3, expected a tuple of two",
    ),
    "unfilled array": (FRESH + b"2\x862" + b"2\x87.", "its training part holds an array without its values"),
}


@pytest.mark.parametrize(("content", "message"), ODD.values(), ids=ODD)
def test_an_odd_pickle_is_refused_and_runs_nothing(tmp_path, monkeypatch, content, message):
    monkeypatch.chdir(tmp_path)
    assert message in refused(pickled(tmp_path, content))
    assert not (tmp_path / VICTIM).exists()


ODD_ARRAYS = {
    "objects": (
        {"dtype": dtype_of(b"O8", b"|")},
        "its training part holds the numpy dtype '|O8', expected numpy arrays",
    ),
    "memory": ({"dtype": dtype_of(b"V4")}, "the numpy dtype '<V4'"),
    "long double": ({"dtype": dtype_of(b"f16")}, "the numpy dtype '<f16'"),
    "dates": ({"dtype": dtype_of(b"M8[s]")}, "the numpy dtype '<M8[s]'"),
    "structure": ({"dtype": dtype_of(b"i4,i4")}, "the numpy dtype '<i4,i4'"),
    "odd order": ({"dtype": dtype_of(b"f4", b"<<")}, "the numpy dtype '<<f4'"),
    "newline": ({"dtype": dtype_of(b"f4\n")}, r"the numpy dtype '<f4\n'"),
    "dtype without a name": ({"dtype": DTYPE + b"N\x85R"}, "the numpy dtype '?'"),
    "dtype of tuples": ({"dtype": DTYPE + DEEP + b"\x85R"}, "the numpy dtype '?'"),
    "no dtype": ({"dtype": b"N"}, "an array without a dtype or a shape"),
    "no shape": ({"shape": b"N"}, "an array without a dtype or a shape"),
    "shape of texts": ({"shape": b"U\x01aU\x01b\x86"}, "an array that is empty, or larger than its values"),
    "negative shape": ({"shape": b"J\xff\xff\xff\xffK\x10\x86"}, "an array that is empty, or larger than its values"),
    "shape of nothing": ({"shape": b"K\x00K\x10\x86"}, "an array that is empty, or larger than its values"),
    "truth as shape": ({"shape": b"\x88K\x10\x86"}, "an array that is empty, or larger than its values"),
    "vast shape": ({"shape": b"\x8a\xff" + b"\x7f" * 255 + b"K\x10\x86"}, "empty, or larger than its values"),
    "many dimensions": ({"shape": b"(" + b"K\x01" * 100 + b"t"}, "an array that is empty, or larger than its values"),
    "wrong shape": ({"shape": b"K\x17K\x10\x86"}, "1536 bytes for an array of shape (23, 16) and dtype float32"),
    "no dimension": ({"shape": b")"}, "1536 bytes for an array of shape () and dtype float32"),
    "no values": ({"data": b"N"}, "an array without its values"),
    "values not bytes": ({"data": b"X\x03\x00\x00\x00\xe2\x82\xac"}, "its training part holds 'latin-1' codec can't"),
    "other codec": ({"data": b"c_codecs\nencode\nU\x01aU\x04zlib\x86R"}, "an array without its values"),
}


@pytest.mark.parametrize(("changed", "message"), ODD_ARRAYS.values(), ids=ODD_ARRAYS)
def test_an_odd_array_in_a_pickle_is_refused(tmp_path, changed, message):
    assert message in refused(pickled(tmp_path, python_2_pickle(binary, **changed)))


def nan_first(x):
    x = x.copy()
    x[0, 0] = np.nan
    return x


def test_the_arrays_of_a_pickle_are_checked_as_all_arrays_are(tmp_path):
    (x, y), validation, test = pairs()
    wrong_label = pickled(tmp_path, pickle.dumps(((x, y), validation, (test[0], test[1] + 7)), 2))
    assert "x.pkl.gz: y of its test part has a label 10 at position 3, expected 0 to 9" in refused(wrong_label)
    not_finite = pickled(tmp_path, pickle.dumps(((nan_first(x), y), validation, test), 2))
    assert "x.pkl.gz: x of its training part has an infinity or a NaN in the example at position 0" in refused(
        not_finite
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "x.pkl.gz: is empty, expected the article's .pkl.gz file"),
        (gzip.compress(pickle.dumps(pairs(), 2))[:-9], "x.pkl.gz: is a damaged gzip file (Compressed file ended"),
        (gzip.compress(pickle.dumps(pairs(), 2)) + b"x", "x.pkl.gz: is a damaged gzip file (Not a gzipped file"),
        (gzip.compress(pickle.dumps(pairs(), 2)[:-9]), "x.pkl.gz: is a damaged pickle, or none ("),
        (gzip.compress(b"", mtime=0), "x.pkl.gz: is a damaged pickle, or none (EOFError)"),
    ],
)
def test_a_damaged_pickle_file_is_refused(tmp_path, content, message):
    assert message in refused(pickled(tmp_path, content))


def outcome(source):
    """What becomes of a file that may or may not be broken."""
    try:
        return f"{source.load().classes} classes"
    except DataError as error:
        return str(error)


@pytest.mark.parametrize(
    ("choice", "sound", "times"),
    [
        (MnistPickle, pickle.dumps(tuple((x[:2], y[:2]) for x, y in pairs()), 2), 400),
        (MnistPickle, pickle.dumps(tuple((x[:2], y[:2]) for x, y in pairs()), 5), 400),
        (Npz, npz_bytes(), 200),
    ],
    ids=["pickle 2", "pickle 5", "npz"],
)
def test_a_file_with_random_damage_is_read_or_refused_and_nothing_else(tmp_path, choice, sound, times):
    rng = np.random.default_rng(0)
    path = tmp_path / "damaged"
    for _ in range(times):
        damaged = bytearray(sound)
        for position in rng.integers(0, len(sound), 3):
            damaged[position] = rng.integers(0, 256)
        path.write_bytes(damaged)
        found = outcome(choice(path=str(path)))
        assert found.endswith(" classes") or found.startswith(f"{path}: ")


# Digits


def test_digits_are_scikit_learns_in_its_order_and_scaled_to_one():
    from sklearn.datasets import load_digits

    values, expected = load_digits(return_X_y=True)
    data = Digits().load()
    parts = (data.train, data.validation, data.test)
    assert [len(part) for part in parts] == [1197, 300, 300]
    assert (data.name, data.shape, data.classes) == ("digits", (8, 8), 10)
    assert {(part.x.dtype.name, part.scale) for part in parts} == {("uint8", 1 / 16)}
    np.testing.assert_array_equal(np.concatenate([part.x for part in parts]), values)
    np.testing.assert_array_equal(np.concatenate([part.y for part in parts]), expected)


def test_digits_have_the_same_hash_each_time():
    assert Digits().load().sha256 == "65e5b4619795efb40c1082f4c350c049e4ad552200d369b6ae99e21eef5e72c5"


# Fashion-MNIST


@pytest.fixture
def server(monkeypatch):
    """A server on this machine: `/good/` has the files, `/wrong/` others, `/cut/` ends too early; `asked` remembers."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    files = zipped(idx_files(28))

    class Files(BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.asked.append(self.path)
            folder, name = self.path.split("/")[1:]
            if folder not in ("good", "wrong", "cut"):
                return self.send_error(404)
            body = files[name] if folder != "wrong" else b"something else"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body if folder != "cut" else body[: len(body) // 2])
            return None

        def log_message(self, *_):
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    running.asked = []
    running.base = f"http://127.0.0.1:{running.server_port}"
    running.sha256 = {name: hashlib.sha256(raw).hexdigest() for name, raw in files.items()}
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


def fashion(server, folder, *mirrors):
    urls = [f"{server.base}/{mirror}/" if "://" not in mirror else mirror for mirror in mirrors]
    return FashionMnist(urls=urls, sha256=server.sha256, folder=str(folder))


def test_fashion_mnist_is_downloaded_and_holds_what_the_files_hold(tmp_path, server):
    data = fashion(server, tmp_path / "new" / "cache", "good").load()
    same(data.test.x, pixels(10, 28).reshape(10, 784))
    assert (data.name, data.shape, data.classes) == ("fashion_mnist", (28, 28), 10)
    assert [len(part) for part in (data.train, data.validation, data.test)] == [20, 4, 10]


def test_fashion_mnist_that_is_there_is_not_downloaded_again(tmp_path, server):
    fashion(server, tmp_path, "good").load()
    server.asked.clear()
    fashion(server, tmp_path, "good").load()
    assert server.asked == []


def test_a_damaged_file_in_the_users_cache_is_downloaded_again(tmp_path, server, monkeypatch):
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: tmp_path / name)
    fashion(server, "", "good").load()
    (tmp_path / "nnexp" / "fashion-mnist" / GZIPPED[1]).write_bytes(b"damaged")
    server.asked.clear()
    fashion(server, "", "good").load()
    assert server.asked == [f"/good/{GZIPPED[1]}"]


def test_another_file_of_that_name_in_a_folder_of_the_users_is_refused_and_stays(tmp_path, server):
    (tmp_path / GZIPPED[1]).write_bytes(b"of MNIST")
    found = refused(fashion(server, tmp_path, "good"))
    assert found == f"{tmp_path / GZIPPED[1]}: is another file than Fashion-MNIST's, expected a folder without it"
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [(GZIPPED[1], b"of MNIST")]


def test_without_a_folder_the_users_cache_holds_the_files(tmp_path, server, monkeypatch):
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: tmp_path / name)
    fashion(server, "", "good").load()
    assert sorted(path.name for path in (tmp_path / "nnexp" / "fashion-mnist").iterdir()) == sorted(GZIPPED)


@pytest.mark.parametrize("bad", ["wrong", "cut", "missing", "http://127.0.0.1:9/x/"])
def test_the_second_mirror_is_asked_when_the_first_fails_and_only_whole_files_stay(tmp_path, server, bad):
    assert len(fashion(server, tmp_path, bad, "good").load().test) == 10
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(GZIPPED)


def test_when_every_mirror_fails_the_error_tells_each_and_why_and_nothing_stays(tmp_path, server):
    mirrors = ["wrong", "cut", "missing", "http://127.0.0.1:9/x"]
    found = refused(fashion(server, tmp_path, *mirrors)).splitlines()
    assert found[0].startswith(
        f"{tmp_path / GZIPPED[0]}: could not be downloaded, expected a file of the right SHA-256"
    )
    addresses = [f"{server.base}/{mirror}/{GZIPPED[0]}: " for mirror in mirrors[:3]]
    addresses.append(f"http://127.0.0.1:9/x/{GZIPPED[0]}: ")
    reasons = ["does not match the known hash", "IncompleteRead", "404", "refused"]
    assert len(found) == 5
    for line, address, reason in zip(found[1:], addresses, reasons, strict=True):
        assert line.startswith(f"  {address}")
        assert reason in line
    assert list(tmp_path.iterdir()) == []


def test_downloading_says_nothing_where_there_is_no_terminal(tmp_path, server, capfd):
    fashion(server, tmp_path, "wrong", "good").load()
    assert capfd.readouterr() == ("", "")


def test_a_cache_that_can_not_be_made_is_refused_before_anything_is_asked_for(tmp_path, server):
    (tmp_path / "file").write_text("x")
    folder = tmp_path / "file" / "cache"
    assert refused(fashion(server, folder, "good")).startswith(f"{folder}: can't be made (Not a directory), expected")
    assert server.asked == []


def test_fashion_mnist_without_addresses_is_refused():
    assert "data.urls: got none" in refused(FashionMnist())


def test_data_is_read_once_for_runs_that_share_it_and_anew_for_others() -> None:
    load = LastLoaded()
    first = load(Digits())
    assert load(Digits()) is first
    assert load(Mnist()).name == "mnist"
    assert load(Digits()) is not first
