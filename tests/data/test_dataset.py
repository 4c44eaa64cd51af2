"""A data set from arrays: what it gives, and what it says about arrays that make no sense."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from datasets import arrays, labelled, labels, pixels, same

from nnexp.data.dataset import PIXEL, Part, dataset_from
from nnexp.errors import DataError


def dataset(x_train: Any, y_train: Any, x_test: Any, y_test: Any, **settings: Any) -> Any:
    train, test = Part(x_train, y_train, "x_train", "y_train"), Part(x_test, y_test, "x_test", "y_test")
    return dataset_from("small", train, test, sha256="", **settings)


def test_pixels_stay_bytes_and_are_scaled_by_a_256th() -> None:
    train = dataset(**arrays()).train
    assert (train.x.dtype, train.scale) == (np.uint8, 1 / 256)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", ">f4"])
def test_floats_stay_as_they_are_in_native_byte_order(dtype: str) -> None:
    x = np.linspace(-1, 1, 24 * 16).reshape(24, 16).astype(dtype)
    found = dataset(x, labels(24), x, labels(24)).test
    same(found.x, x.astype(np.dtype(dtype).newbyteorder("=")))
    assert found.scale == 1.0


def test_labels_become_int64() -> None:
    same(dataset(**arrays(y_test=labels(10).astype(float))).test.y, np.arange(10))


def test_examples_become_rows_and_the_data_set_remembers_their_shape() -> None:
    data = dataset(pixels(24), labels(24), pixels(10), labels(10))
    assert (data.shape, data.n_values) == ((4, 4), 16)
    same(data.test.x, pixels(10).reshape(10, 16))


@pytest.mark.parametrize(("values", "shape"), [(784, (28, 28)), (16, (4, 4)), (10, (10,)), (1, (1, 1))])
def test_flat_examples_are_pictures_if_their_length_is_a_square(values: int, shape: tuple[int, ...]) -> None:
    x = np.zeros((12, values))
    assert dataset(x, labels(12), x, labels(12)).shape == shape


def test_a_sixth_of_the_training_part_is_held_out_from_its_end() -> None:
    data = dataset(**arrays())
    same(data.train.x, pixels(24)[:20].reshape(20, 16))
    same(data.validation.x, pixels(24)[20:].reshape(4, 16))
    same(data.validation.y, labels(24)[20:].astype(np.int64))
    assert data.validation.scale == PIXEL


def test_as_many_as_asked_for_are_held_out() -> None:
    assert len(dataset(**arrays(), validation=23).train) == 1


def test_a_validation_part_of_its_own_leaves_the_training_part_whole() -> None:
    data = dataset(**arrays(), validation=Part(pixels(3), labels(3), "x", "y"))
    assert (len(data.train), len(data.validation)) == (24, 3)


def test_there_are_as_many_classes_as_the_highest_training_label_says() -> None:
    assert dataset(**arrays(y_train=labels(24) % 7, y_test=labels(10) % 3)).classes == 7


def with_value(value: Any) -> Any:
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
def test_arrays_that_make_no_sense_are_refused_by_name(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError) as caught:
        dataset(**{key: np.asarray(value) for key, value in arrays(**changed).items()})
    assert message in str(caught.value)


@pytest.mark.parametrize("validation", [24, 100])
def test_holding_out_every_example_is_refused(validation: int) -> None:
    with pytest.raises(DataError, match=f"x_train has 24 examples, expected more than the {validation} held out"):
        dataset(**arrays(), validation=validation)


def test_a_training_label_beyond_the_classes_asked_for_is_refused() -> None:
    with pytest.raises(DataError, match="y_train has a label 5 at position 5, expected 0 to 4"):
        dataset(**arrays(), classes=5)
