"""The article's module of this name: `from nnexp import mnist_loader`, then `mnist_loader.load_data_wrapper()`."""

from __future__ import annotations

from nnexp.data.article import load_data, load_data_wrapper, one_hot_encode

__all__ = ["load_data", "load_data_wrapper", "one_hot_encode"]
