"""MLflow as a run store: the only room that imports it."""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)  # a model that MLflow has loaded carries but one of these modules
