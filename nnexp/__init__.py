"""nnexp: see how a neural network's result depends on its settings, and trust what you see.

    from nnexp import Network, load_data_wrapper, train_run

Names are imported when they are first used, so that `import nnexp` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import extend_path
from typing import TYPE_CHECKING

# A model that MLflow has loaded carries a few of these modules and puts them first on the path; with this, the
# others are still found where nnexp is installed.
__path__ = extend_path(__path__, __name__)

if TYPE_CHECKING:
    from nnexp.data.article import load_data, load_data_wrapper, one_hot_encode
    from nnexp.nn.activations.sigmoid import sigmoid, sigmoid_prime
    from nnexp.nn.network import Network
    from nnexp.notebook.several import search, sweep
    from nnexp.notebook.stored import compare, load, runs
    from nnexp.notebook.training import train_run
    from nnexp.notebook.words import interval

__all__ = [
    "Network",
    "compare",
    "interval",
    "load",
    "load_data",
    "load_data_wrapper",
    "one_hot_encode",
    "runs",
    "search",
    "sigmoid",
    "sigmoid_prime",
    "sweep",
    "train_run",
]

_HOMES = {
    "Network": "nnexp.nn.network",
    "load_data": "nnexp.data.article",
    "load_data_wrapper": "nnexp.data.article",
    "one_hot_encode": "nnexp.data.article",
    "sigmoid": "nnexp.nn.activations.sigmoid",
    "sigmoid_prime": "nnexp.nn.activations.sigmoid",
    "compare": "nnexp.notebook.stored",
    "interval": "nnexp.notebook.words",
    "load": "nnexp.notebook.stored",
    "runs": "nnexp.notebook.stored",
    "search": "nnexp.notebook.several",
    "sweep": "nnexp.notebook.several",
    "train_run": "nnexp.notebook.training",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'nnexp' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
