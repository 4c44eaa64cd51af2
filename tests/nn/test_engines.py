"""The compiled engine does what numpy's calls do, for every part; the two differ in the last digits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnexp.errors import UsageError
from nnexp.nn.activations.base import Activation
from nnexp.nn.arrays import Array
from nnexp.nn.averages.base import Average
from nnexp.nn.compiled import machine_code
from nnexp.nn.costs.base import Cost
from nnexp.nn.engines.base import Engine
from nnexp.nn.examples import Examples
from nnexp.nn.network import Network
from nnexp.nn.optimisers.base import Optimiser
from nnexp.nn.regularisers.base import Regulariser

RNG = np.random.default_rng(0)
N, M = 397, 8  # the last mini-batch is smaller
BYTES = Examples(RNG.integers(0, 256, (N, 20), dtype=np.uint8), RNG.integers(0, 4, N), 1 / 255)
DIGITS = {"float32": 1e-5, "float64": 1e-11}
GENTLE = {"adam": 0.002, "adamw": 0.002, "rmsprop": 0.002, "adagrad": 0.01}
ENGINES = list(Engine.kinds().values())

PARTS: list[dict[str, Any]] = [
    *({"activation": part()} for part in Activation.kinds().values()),
    *({"cost": part()} for part in Cost.kinds().values()),
    *({"regulariser": part()} for part in Regulariser.kinds().values()),
    {"average": Average.named("ema"), "regulariser": Regulariser.named("max_norm")},
]


OPTIMISERS: list[dict[str, Any]] = [{"optimiser": part()} for part in Optimiser.kinds().values()]
ALL = [(parts, dtype) for parts in PARTS for dtype in DIGITS]
ALL += [(parts, "float32") for parts in OPTIMISERS]
ALL += [(parts | {"regulariser": Regulariser.named("l2")}, "float64") for parts in OPTIMISERS]


def name_of(parts: dict[str, Any]) -> str:
    return "-".join(part.kind for part in parts.values())


def assert_close(a: Array, b: Array, digits: float) -> None:
    np.testing.assert_allclose(a, b, rtol=digits, atol=digits)


def trained(
    engine: str, examples: Examples, m: int = M, sizes: tuple[int, ...] = (20, 9, 7, 4), **settings: Any
) -> Network:
    """A network after two epochs, a hundred steps."""
    network = Network(sizes, engine=Engine.named(engine), rng=0, **settings)
    for _ in range(2):
        train(network, examples, m)
    return network


def train(network: Network, examples: Examples, m: int = M) -> float:
    return network.train_epoch(examples, np.arange(len(examples)), m, GENTLE.get(network.optimiser.kind, 0.05))


def numbers(network: Network) -> Array:
    arrays = [*network.weights, *network.biases, *network.optimiser_arrays().values()]
    return np.concatenate([array.ravel() for array in arrays])


@pytest.mark.slow  # each formula is compiled
@pytest.mark.parametrize(("parts", "dtype"), ALL, ids=lambda each: each if isinstance(each, str) else name_of(each))
def test_a_hundred_steps_agree(parts: dict[str, Any], dtype: str) -> None:
    both = [trained(engine, BYTES, dtype=dtype, **parts) for engine in ("numpy", "compiled")]
    assert_close(numbers(both[0]), numbers(both[1]), DIGITS[dtype])


@pytest.mark.slow
@pytest.mark.parametrize("cost", Cost.kinds())
def test_the_mean_cost_agrees(cost: str) -> None:
    settings: dict[str, Any] = {"cost": Cost.named(cost), "dtype": "float64", "rng": 0}
    costs = [train(Network([20, 9, 4], engine=engine(), **settings), BYTES) for engine in ENGINES]
    assert costs[0] == pytest.approx(costs[1], rel=1e-11)


@pytest.mark.parametrize("dtype", DIGITS)
def test_fifty_steps_of_the_defaults_agree(dtype: str) -> None:
    both = [Network([20, 9, 4], engine=engine(), dtype=dtype, rng=0) for engine in ENGINES]
    for network in both:
        train(network, BYTES)
    assert_close(numbers(both[0]), numbers(both[1]), DIGITS[dtype])


@pytest.mark.parametrize("m", [1, 5, 31, 32, 100])
def test_products_in_tiles_and_by_blas_agree(m: int) -> None:
    both = [trained(engine, BYTES, m, (20, 13, 11, 4), dtype="float64") for engine in ("numpy", "compiled")]
    assert_close(numbers(both[0]), numbers(both[1]), 1e-11)


@pytest.mark.parametrize("dtype", DIGITS)
def test_outputs_agree(dtype: str) -> None:
    both = [Network([20, 9, 4], engine=Engine.named(engine), dtype=dtype, rng=0) for engine in ("numpy", "compiled")]
    assert_close(both[0].outputs(BYTES), both[1].outputs(BYTES), DIGITS[dtype])


def test_a_compiled_run_repeats_bit_for_bit() -> None:
    assert trained("compiled", BYTES).fingerprint() == trained("compiled", BYTES).fingerprint()


def test_where_training_is_cut_into_calls_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = trained("compiled", BYTES).fingerprint()
    monkeypatch.setattr("nnexp.nn.compiled.program.WORK_AT_ONCE", 1)
    assert trained("compiled", BYTES).fingerprint() == whole


@pytest.mark.parametrize("engine", Engine.kinds())
def test_a_weighted_input_that_overflows_is_told(engine: str) -> None:
    network = Network([20, 4], engine=Engine.named(engine), rng=0)
    network.weights[0][:] = 3e38
    with pytest.raises(FloatingPointError, match="a weighted input is not finite"):
        network.train_epoch(BYTES, np.arange(N), M, 0.1)


@pytest.mark.parametrize("engine", Engine.kinds())
def test_a_count_of_steps_goes_on_from_epoch_to_epoch(engine: str) -> None:
    assert trained(engine, BYTES, optimiser=Optimiser.named("adam")).steps == 2 * -(-N // M)


def test_inputs_that_may_not_be_written_are_taken() -> None:
    x = BYTES.x.copy()
    x.flags.writeable = False
    assert (
        trained("compiled", Examples(x, BYTES.y, BYTES.scale)).fingerprint() == trained("compiled", BYTES).fingerprint()
    )


def test_without_numba_the_compiled_engine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnexp.nn.engines.compiled.find_spec", lambda _: None)
    assert Engine.named("numpy").problems() == []
    with pytest.raises(ValueError, match="engine: compiled needs numba, which is not installed; engine=numpy does"):
        Engine.named("compiled")


def test_a_numba_that_can_t_be_imported_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "nnexp.nn.compiled.program", None)
    with pytest.raises(UsageError, match="engine: compiled needs numba, which can't be imported"):
        trained("compiled", BYTES)


def test_that_it_compiles_is_said_once_in_a_process(caplog: pytest.LogCaptureFixture) -> None:
    machine_code._tell.cache_clear()
    with caplog.at_level("INFO"):
        for _ in range(2):
            machine_code._tell()
    assert caplog.messages == ["compiling what these settings need, once on this machine"]
