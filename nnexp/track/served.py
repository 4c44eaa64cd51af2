"""A name that MLflow stores hold: models logged before there was `pyfunc_loader` are loaded by this one."""

from nnexp.tracking.mlflow.pyfunc_loader import ServedNetwork, _load_pyfunc

__all__ = ["ServedNetwork", "_load_pyfunc"]
