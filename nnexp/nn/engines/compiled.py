"""The compiled engine."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, ClassVar

from nnexp.errors import UsageError
from nnexp.nn.arrays import Array
from nnexp.nn.dropout import Dropout
from nnexp.nn.engines.base import Engine, Trained
from nnexp.nn.examples import Examples

if TYPE_CHECKING:
    from nnexp.nn.compiled.program import Program

WITHOUT = "engine: compiled needs numba, which {}; engine=numpy does without"


@dataclass
class Compiled(Engine):
    """The loop over mini-batches as machine code, which numba makes of the parts' formulas."""

    kind: str = "compiled"
    arithmetic: ClassVar[int] = 3

    def train(self, network: Trained, examples: Examples, order: Array, m: int, eta: float, dropout: Dropout) -> float:
        return _program(network, dropout, eta, len(examples)).train(examples, order, m)

    def outputs(self, network: Trained, examples: Examples) -> Array:
        return _program(network, Dropout(network.sizes)).outputs(examples)

    def conflicts(self) -> list[str]:
        return [] if find_spec("numba") else [WITHOUT.format("is not installed")]


def _program(network: Trained, dropout: Dropout, eta: float = 1.0, n: int = 1) -> Program:
    try:
        from nnexp.nn.compiled.program import Program  # numba takes long to import
    except ImportError as error:
        raise UsageError(WITHOUT.format(f"can't be imported ({error})")) from error
    return Program(network, dropout, eta, n)
