"""The scales of a chart's axes."""

from __future__ import annotations

import numpy as np
import pytest

from nnexp.plots.scales import around, around_powers, between, of_counts, powers


def test_ends_are_at_0_and_1_and_the_middle_between() -> None:
    assert between(10, 20, most=5).place([10, 15, 20]).tolist() == [0, 0.5, 1]


def test_on_a_scale_of_counts_a_tenth_is_as_far_anywhere() -> None:
    places = of_counts(10_000).place([1, 10, 100, 1000])
    np.testing.assert_allclose(np.diff(places), np.diff(places)[0])


def test_there_is_room_around_all_values() -> None:
    scale = around([3.0, 1.0, 2.0], most=5)
    assert (scale.low, scale.high) == pytest.approx((0.9, 3.1))


@pytest.mark.parametrize(
    ("low", "high", "names"),
    [
        (0, 1, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (0, 102, ["0", "25", "50", "75", "100"]),
        (90.3, 97, ["92", "94", "96"]),
        (0.0101, 0.0557, ["0.02", "0.03", "0.04", "0.05"]),
        (-1, 1, ["-1.0", "-0.5", "0.0", "0.5", "1.0"]),
        (0, 10_100, ["0", "2,500", "5,000", "7,500", "10,000"]),
        (0.1, 0.21, ["0.100", "0.125", "0.150", "0.175", "0.200"]),
        (99.951, 99.969, ["99.955", "99.960", "99.965"]),
        (0, 3.2e-7, ["0", "1e-7", "2e-7", "3e-7"]),
        (2.0e8, 1.6e9, ["5e8", "1.0e9", "1.5e9"]),
    ],
)
def test_ticks_are_round_values_in_as_many_digits_as_they_need(low: float, high: float, names: list[str]) -> None:
    assert list(between(low, high, most=5).names) == names


def test_epochs_have_no_fractions() -> None:
    assert list(around([1, 2], most=10, whole=True).names) == ["1", "2"]
    assert list(around([1, 30], most=10, whole=True).names) == ["0", "5", "10", "15", "20", "25", "30"]


@pytest.mark.parametrize("value", [0.0, 1.0, 0.44, 98.2, -3.0, 1e-12, 1e12])
def test_values_that_are_all_equal_are_in_the_middle(value: float) -> None:
    assert around([value, value], most=8).place([value])[0] == pytest.approx(0.5)


def test_the_only_epoch_is_in_the_middle_and_named() -> None:
    scale = around([1, 1], most=10, whole=True)
    assert scale.place([1]).tolist() == [0.5]
    assert list(scale.names) == ["1"]


@pytest.mark.parametrize("power", range(-30, 31, 4))
def test_at_any_size_ticks_are_within_the_scale_evenly_apart_and_told_apart(power: int) -> None:
    for low, high in np.sort(np.random.default_rng(power + 30).random((50, 2)), axis=1) * 10.0**power:
        scale = between(low, high, most=8)
        assert 3 <= len(scale.ticks) <= 9
        assert low <= scale.ticks[0] < scale.ticks[-1] <= high
        np.testing.assert_allclose(np.diff(scale.ticks), np.diff(scale.ticks)[0])
        assert len(set(scale.names)) == len(scale.names)


@pytest.mark.parametrize("power", range(-30, 31, 4))
def test_a_tick_is_what_its_name_says(power: int) -> None:
    scale = between(-0.3 * 10.0**power, 1.7 * 10.0**power, most=8)
    named = [float(name.replace(",", "")) for name in scale.names]
    np.testing.assert_allclose(named, scale.ticks, atol=1e-9 * 10.0**power)


@pytest.mark.parametrize(
    ("highest", "names"),
    [
        (1, ["1"]),
        (5, ["1", "2", "5"]),
        (300, ["1", "10", "100"]),
        (10_000, ["1", "100", "10,000"]),
        (2_000_000, ["1", "100", "10,000", "1e6"]),
    ],
)
def test_counts_have_powers_of_ten_for_ticks(highest: int, names: list[str]) -> None:
    assert list(of_counts(highest).names) == names


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ([1e-6, 1.0], ["1e-6", "1e-5", "1e-4", "1e-3", "1e-2", "1e-1", "1e0"]),
        ([0.02, 0.3], ["0.02", "0.05", "0.1", "0.2"]),
        ([0.3], ["0.1", "0.2", "0.5"]),
    ],
)
def test_values_of_all_sizes_have_powers_of_ten_for_ticks(values: list[float], names: list[str]) -> None:
    scale = around_powers(values)
    assert list(scale.names) == names
    assert all(0 < place < 1 for place in scale.place(values))


@pytest.mark.parametrize(
    ("low", "high", "names"),
    [
        (1e-5, 100, ["1e-5", "1e-4", "1e-3", "1e-2", "1e-1", "1e0", "1e1", "1e2"]),
        (0.3, 4, ["0.5", "1", "2"]),
    ],
)
def test_powers_have_ticks_at_powers_of_ten_or_between_them_if_they_are_few(
    low: float, high: float, names: list[str]
) -> None:
    scale = powers(low, high)
    assert scale.names == names
    np.testing.assert_allclose(scale.place([low, (low * high) ** 0.5, high]), [0, 0.5, 1], atol=1e-12)
