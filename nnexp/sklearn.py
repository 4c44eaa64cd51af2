"""The network as a scikit-learn classifier, so that its grid searches, pipelines and scores work with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from nnexp.config.compose import config_of
from nnexp.config.schema import Config
from nnexp.data.dataset import Dataset
from nnexp.errors import ConfigError
from nnexp.nn.arrays import Array
from nnexp.nn.blas import blas_threads
from nnexp.nn.examples import Examples
from nnexp.notebook.words import words_of
from nnexp.predict.answers import probabilities
from nnexp.runner.preparation import new_network
from nnexp.runner.training_loop import follow
from nnexp.runtime.signals import Interrupts
from nnexp.train.best import Best
from nnexp.train.events import Started
from nnexp.train.history import History
from nnexp.train.listeners import Listeners

ANY_DATA = {"data": "npz", "data.path": "X"}  # of which no setting can tell the sizes; it is not read
SEEDS = 2**31  # to draw one of, where nobody has said which


class NetworkClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # which have no types
    """A fully connected network that tells classes apart.

    hidden: units of each hidden layer, or of the only one. epochs, mini_batch_size, eta, activation, cost, optimiser,
    regulariser, dropout, standardise, stopping, dtype: as the settings of those names in nnexp, whose defaults they
    have but for `standardise` and `dtype`. settings: further ones by name, `{"optimiser.momentum": 0.8}`.
    validation_fraction: which share of the examples is held out and measured after each epoch, for `stopping`; with 0
    it is the training examples that are measured. random_state: of first weights and orders; an integer gives the same
    network again, bit for bit.

    After `fit`: `classes_`, `network_`, and `history_` with what each epoch has measured.
    """

    def __init__(
        self,
        hidden: int | Sequence[int] = (30,),
        *,
        epochs: int = 30,
        mini_batch_size: int = 10,
        eta: float = 3.0,
        activation: str = "sigmoid",
        cost: str = "quadratic",
        optimiser: str = "sgd",
        regulariser: str = "none",
        dropout: float = 0,
        standardise: bool = True,
        stopping: str = "never",
        dtype: str = "float64",
        settings: Mapping[str, Any] | None = None,
        validation_fraction: float = 0.0,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.hidden = hidden
        self.epochs = epochs
        self.mini_batch_size = mini_batch_size
        self.eta = eta
        self.activation = activation
        self.cost = cost
        self.optimiser = optimiser
        self.regulariser = regulariser
        self.dropout = dropout
        self.standardise = standardise
        self.stopping = stopping
        self.dtype = dtype
        self.settings = settings
        self.validation_fraction = validation_fraction
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> NetworkClassifier:  # scikit-learn's name
        """Train on examples X `(n, values)` with labels y `(n,)`, of any kind; gives the classifier itself.

        Raises `ValueError` for a setting that makes no sense, and what scikit-learn does for its input.
        """
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        seed = self._seed()
        dataset = self._dataset(X, labels.astype(np.int64), seed)
        config = self._config(dataset, seed)
        self.network_, self.history_ = new_network(config, dataset), History()
        listeners = Listeners([self.history_, Best(config.stopping.restore_best)])
        with Interrupts() as interrupts, blas_threads(config.threads):
            follow(config, Started(self.network_, dataset, config.epochs), listeners, interrupts)
        return self

    def predict_proba(self, X: Any) -> Array:
        """How probable each of `classes_` is for each example: `(n, classes)`, rows that add up to 1."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        with blas_threads(1):
            outputs = self.network_.outputs(Examples(X.astype(self.network_.dtype), np.zeros(len(X), int)))
        return probabilities(outputs)

    def predict(self, X: Any) -> Array:
        """The most probable class of each example, `(n,)`."""
        shares = self.predict_proba(X)
        return np.asarray(self.classes_[shares.argmax(axis=1)])

    def _seed(self) -> int:
        if isinstance(self.random_state, int | np.integer):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(SEEDS))

    def _config(self, dataset: Dataset, seed: int) -> Config:
        own = ("epochs", "mini_batch_size", "eta", "activation", "cost", "optimiser", "regulariser", "dropout")
        chosen = {name: getattr(self, name) for name in (*own, "standardise", "stopping", "dtype")}
        hidden = self.hidden if isinstance(self.hidden, Iterable) else [self.hidden]
        chosen |= ANY_DATA | {"sizes": [dataset.n_values, *hidden, dataset.classes], "seed": seed}
        try:
            return config_of(words_of(chosen | dict(self.settings or {})))
        except ConfigError as error:
            raise ValueError(str(error)) from None

    def _dataset(self, X: Array, labels: Array, seed: int) -> Dataset:
        """The examples, some of them held out."""
        if not 0 <= self.validation_fraction < 1:
            raise ValueError(f"validation_fraction: got {self.validation_fraction}, expected a number >= 0 and < 1")
        order = np.random.default_rng([seed, len(X)]).permutation(len(X))
        held_out = order[: round(self.validation_fraction * len(X))]
        rest = np.sort(order[len(held_out) :])
        every = Examples(X, labels)
        learnt = Examples(X[rest], labels[rest]) if len(held_out) else every
        validation = Examples(X[held_out], labels[held_out]) if len(held_out) else every
        one = Examples(X[:1], labels[:1])  # a run measures a third part, which there is not
        return Dataset("X", learnt, validation, one, (X.shape[1],), len(self.classes_), sha256="")
