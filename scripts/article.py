"""The article's own test, in plain Python."""

from nnexp.data.article import load_data_wrapper
from nnexp.nn.network import Network


def main() -> None:
    """Train [784, 30, 10] on MNIST for 30 epochs; print how many test examples each epoch gets right."""
    training_data, _validation_data, test_data = load_data_wrapper()
    net = Network([784, 30, 10], rng=0)
    net.SGD(training_data, 30, 10, 3.0, test_data=test_data)


if __name__ == "__main__":
    main()
