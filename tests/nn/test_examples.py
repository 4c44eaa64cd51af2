"""Examples: what the article passes around, as rows."""

from typing import Any

import numpy as np
import pytest

from nnexp.nn.examples import Examples, as_examples

ROWS = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
ONE_HOT = np.array([[0.0, 1.0], [1.0, 0.0]])
COLUMNS = [(x[:, np.newaxis], y[:, np.newaxis]) for x, y in zip(ROWS, ONE_HOT, strict=True)]


def test_pairs_of_columns_become_rows() -> None:
    examples = as_examples(COLUMNS)
    assert np.array_equal(examples.x, ROWS)
    assert np.array_equal(examples.y, ONE_HOT)


def test_a_zip_is_read_like_a_list() -> None:
    examples = as_examples(zip(*zip(*COLUMNS, strict=True), strict=True))
    assert np.array_equal(examples.x, ROWS)
    assert np.array_equal(examples.y, ONE_HOT)


@pytest.mark.parametrize("integer", [int, np.int64, np.uint8, np.array])
def test_pairs_with_a_number_as_label_have_labels(integer: Any) -> None:
    examples = as_examples([(x, integer(label)) for (x, _), label in zip(COLUMNS, (1, 0), strict=True)])
    assert examples.y.tolist() == [1, 0]


def test_a_target_column_of_one_unit_is_a_target_and_not_a_label() -> None:
    assert as_examples([(np.ones((3, 1)), np.array([[0.5]]))]).y.tolist() == [[0.5]]


def test_two_arrays_are_columns_of_inputs_and_of_targets() -> None:
    examples = as_examples((ROWS.T, ONE_HOT.T))
    assert np.array_equal(examples.x, ROWS)
    assert np.array_equal(examples.y, ONE_HOT)


def test_two_arrays_can_be_columns_of_inputs_and_labels() -> None:
    examples = as_examples((ROWS.T, np.array([1, 0])))
    assert np.array_equal(examples.x, ROWS)
    assert examples.labels.tolist() == [1, 0]


def test_columns_that_are_rows_in_memory_are_not_copied() -> None:
    assert np.shares_memory(as_examples((ROWS.T, ONE_HOT.T)).x, ROWS)


def test_pixels_stay_bytes() -> None:
    assert as_examples([(np.ones((3, 1), np.uint8), 0)]).x.dtype == np.uint8


def test_examples_stay_what_they_are() -> None:
    examples = Examples(ROWS, ONE_HOT, scale=0.5)
    assert as_examples(examples) is examples


def test_the_length_is_the_number_of_examples() -> None:
    assert len(Examples(ROWS, ONE_HOT)) == 2


def test_a_target_is_highest_at_its_label() -> None:
    assert Examples(ROWS, np.array([[0.1, 0.9], [0.3, 0.2]])).labels.tolist() == [1, 0]


def test_labels_become_one_hot_targets() -> None:
    assert Examples(ROWS, np.array([2, 0])).targets(3).tolist() == [[0, 0, 1], [1, 0, 0]]


def test_targets_stay_what_they_are() -> None:
    assert Examples(ROWS, ONE_HOT).targets(2) is ONE_HOT


def test_no_examples_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^examples: got none, expected at least one \(x, y\) pair$"):
        as_examples([])


@pytest.mark.parametrize(("shape", "told"), [((3,), r"\(3,\)"), ((0, 3), r"\(0, 3\)"), ((2, 3, 1), r"\(2, 3, 1\)")])
def test_inputs_that_are_not_rows_are_refused(shape: Any, told: Any) -> None:
    with pytest.raises(ValueError, match=rf"^examples: x has shape {told}, expected \(n, n_in\) with n > 0$"):
        Examples(np.ones(shape), np.ones(shape[0], int))


def test_another_number_of_labels_than_inputs_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^examples: got 2 inputs, but 3 labels or targets$"):
        Examples(ROWS, np.array([0, 1, 0]))


@pytest.mark.parametrize("labels", [[0, 2], [-1, 1]])
def test_labels_without_an_output_unit_are_refused(labels: Any) -> None:
    told = f"labels from {min(labels)} to {max(labels)}, but 2 output units"
    with pytest.raises(ValueError, match=rf"^examples: {told}$"):
        Examples(ROWS, np.array(labels)).targets(2)


def test_targets_of_another_width_than_the_output_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^examples: targets have 2 values, but 3 output units$"):
        Examples(ROWS, ONE_HOT).targets(3)


def test_pairs_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="same shape"):
        as_examples([(np.ones((3, 1)), 0), (np.ones((4, 1)), 0)])
