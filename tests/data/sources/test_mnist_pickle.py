"""The article's pickle: read as it was saved, and whatever else is in a pickle refused."""

from __future__ import annotations

import builtins
import gzip
import hashlib
import os
import pickle
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datasets import labels, npz_bytes, pixels, refused, same

from nnexp.data.dataset import PIXEL
from nnexp.data.sources.mnist_pickle import MnistPickle
from nnexp.data.sources.npz import Npz
from nnexp.errors import DataError


def pairs(dtype: Any = np.float32) -> Any:
    return tuple(((pixels(n) * PIXEL).reshape(n, 16).astype(dtype), labels(n).astype(np.int64)) for n in (24, 10, 12))


def pickled(tmp_path: Path, content: Any, name: Any = "x.pkl.gz") -> Any:
    path = tmp_path / name
    path.write_bytes(content)
    return MnistPickle(path=str(path))


def holds_the_pairs(data: Any) -> Any:
    for part, (x, y) in zip((data.train, data.validation, data.test), pairs(), strict=True):
        same(part.x, x)
        same(part.y, y)
        assert part.scale == 1.0


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_of_every_protocol_comes_back_as_it_was_saved(tmp_path: Path, protocol: int) -> None:
    source = pickled(tmp_path, gzip.compress(pickle.dumps(pairs(), protocol)))
    data = source.load()
    holds_the_pairs(data)
    assert (data.name, data.shape, data.classes) == ("x.pkl.gz", (4, 4), 10)
    assert data.sha256 == hashlib.sha256(Path(source.path).read_bytes()).hexdigest()


def test_a_pickle_that_is_not_gzipped_is_read_too(tmp_path: Path) -> None:
    holds_the_pairs(pickled(tmp_path, pickle.dumps(pairs(), 2), "x.pkl").load())


def binary(data: Any) -> Any:
    """How Python 2 writes a string in protocol 2."""
    return b"T" + struct.pack("<i", len(data)) + data


def text(data: Any) -> Any:
    """How Python 2 writes a string in protocol 0."""
    return b"S" + repr(data)[1:].encode() + b"\n"


def dtype_of(name: Any, order: Any = b"<", string: Any = binary) -> Any:
    start, state = b"cnumpy\ndtype\n" + string(name), string(order)
    return start + b"K\x00K\x01\x87R(K\x03" + state + b"NNNI-1\nI-1\nK\x00tb"


def python_2_array(array: Any, string: Any, dtype: Any = None, shape: Any = None, data: Any = None) -> Any:
    name, size = array.dtype.str[1:].encode(), array.ndim
    dimensions = b"".join(b"J" + struct.pack("<i", n) for n in array.shape) + bytes([0x84 + size])
    return (
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85" + string(b"b") + b"\x87R(K\x01"
        + (dimensions if shape is None else shape)
        + (dtype or dtype_of(name, b"<", string))
        + b"\x89" + (string(array.tobytes()) if data is None else data) + b"tb"
    )  # fmt: skip


def python_2_pickle(string: Any, **changed: Any) -> Any:
    """A pickle of `pairs()` as Python 2 wrote it, something of the first array changed."""
    (first, *rest) = [array for pair in pairs() for array in pair]
    parts = [python_2_array(first, string, **changed)] + [python_2_array(array, string) for array in rest]
    return b"\x80\x02" + b"".join(parts[i] + parts[i + 1] + b"\x86" for i in (0, 2, 4)) + b"\x87."


@pytest.mark.parametrize("string", [binary, text])
def test_a_pickle_that_python_2_wrote_is_read(tmp_path: Path, string: Callable[[bytes], bytes]) -> None:
    holds_the_pairs(pickled(tmp_path, gzip.compress(python_2_pickle(string))).load())


def test_a_handmade_pickle_means_the_same_to_python(tmp_path: Path) -> None:
    found = pickle.loads(python_2_pickle(binary), encoding="latin1")
    same(found[2][0], pairs()[2][0])


def test_arrays_in_fortran_order_and_big_endian_are_read_as_the_numbers_they_are(tmp_path: Path) -> None:
    odd = tuple((np.asfortranarray(x).astype(">f4", order="F"), y.astype(">i2")) for x, y in pairs())
    for protocol in (2, 5):
        holds_the_pairs(pickled(tmp_path, pickle.dumps(odd, protocol)).load())


def test_a_pickle_of_pixels_is_scaled_as_pixels_are(tmp_path: Path) -> None:
    parts = tuple((pixels(n), labels(n)) for n in (24, 10, 12))
    data = pickled(tmp_path, pickle.dumps(parts, 2)).load()
    same(data.train.x, pixels(24).reshape(24, 16))
    assert (data.train.scale, data.shape) == (PIXEL, (4, 4))


class Calls:
    """Pickles as a call of a function: the classic way to make a pickle run something."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
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
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: Any, name: str, protocol: int
) -> None:
    monkeypatch.chdir(tmp_path)
    parts = (pairs()[0], (pairs()[1][0], held), pairs()[2])
    found = refused(pickled(tmp_path, gzip.compress(pickle.dumps(parts, protocol, fix_imports=False))))
    assert not (tmp_path / VICTIM).exists()
    assert f"{tmp_path / 'x.pkl.gz'}: holds " in found
    assert name in found
    assert found.endswith(", expected numpy arrays and nothing else")


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
@pytest.mark.parametrize("held", [{1}, [1, 2], {"a": 1}, 2.5, bytearray(b"x")])
def test_a_pickle_of_something_harmless_that_is_no_array_is_refused_too(
    tmp_path: Path, held: Any, protocol: int
) -> None:
    parts = (pairs()[0], (pairs()[1][0], held), pairs()[2])
    assert ", expected " in refused(pickled(tmp_path, pickle.dumps(parts, protocol)))


def u64(n: Any) -> Any:
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
def test_an_odd_pickle_is_refused_and_runs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, message: str
) -> None:
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
def test_an_odd_array_in_a_pickle_is_refused(tmp_path: Path, changed: dict[str, Any], message: str) -> None:
    assert message in refused(pickled(tmp_path, python_2_pickle(binary, **changed)))


def nan_first(x: Any) -> Any:
    x = x.copy()
    x[0, 0] = np.nan
    return x


def test_the_arrays_of_a_pickle_are_checked_as_all_arrays_are(tmp_path: Path) -> None:
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
def test_a_damaged_pickle_file_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    assert message in refused(pickled(tmp_path, content))


def outcome(source: Any) -> Any:
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
def test_a_file_with_random_damage_is_read_or_refused_and_nothing_else(
    tmp_path: Path, choice: type[Npz | MnistPickle], sound: bytes, times: int
) -> None:
    rng = np.random.default_rng(0)
    path = tmp_path / "damaged"
    for _ in range(times):
        damaged = bytearray(sound)
        for position in rng.integers(0, len(sound), 3):
            damaged[position] = rng.integers(0, 256)
        path.write_bytes(damaged)
        found = outcome(choice(path=str(path)))
        assert found.endswith(" classes") or found.startswith(f"{path}: ")
