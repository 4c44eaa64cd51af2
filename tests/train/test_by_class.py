"""What a run measures of its classes at the end, worked by hand."""

from __future__ import annotations

import numpy as np

from nnexp.data.sources.digits import Digits
from nnexp.nn.network import Network
from nnexp.train.by_class import class_table, final_metrics, in_first

LABELS = np.array([0, 0, 1, 2])
OUTPUTS = np.array([[0.9, 0.1, 0.2], [0.3, 0.4, 0.1], [0.1, 0.2, 0.3], [0.6, 0.5, 0.4]])  # right, 2nd, 2nd, 3rd


def test_a_label_is_among_the_first_outputs_or_not() -> None:
    assert in_first(LABELS, OUTPUTS, 1).tolist() == [True, False, False, False]
    assert in_first(LABELS, OUTPUTS, 2).tolist() == [True, True, True, False]


def test_of_equal_outputs_the_first_is_higher() -> None:
    assert in_first(np.array([0, 1]), np.full((2, 3), 0.5), 1).tolist() == [True, False]


def test_the_table_has_a_line_for_each_class() -> None:
    expected = "class,examples,accuracy,top2_accuracy\n0,2,0.5,1\n1,1,0,1\n2,1,0,0\n"
    assert class_table(LABELS, OUTPUTS) == expected


def test_the_first_place_alone_is_what_a_network_is_evaluated_by() -> None:
    network, test = Network([64, 10], rng=0), Digits().load().test
    outputs = network.outputs(test)
    assert in_first(test.labels, outputs, 1).sum() == network.evaluate(test)
    assert network.evaluate(test) / len(test) < final_metrics(test.labels, outputs)["top2_accuracy"] < 1
