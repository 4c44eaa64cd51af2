"""Run stores: the contract, what a run's record is, and where it comes from."""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)  # a model that MLflow has loaded carries but one of these modules
