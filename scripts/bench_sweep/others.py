"""The same jobs done by other frameworks, as their users write them: the scripts in `rivals/`."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from bench_command import CommandFailed, Cost, clean_environment, cost_of
from bench_sweep.training import ONE_THREAD

RIVALS = Path(__file__).parent / "rivals"
MAKE_STORE = "import mlflow; mlflow.set_experiment('rival')"


@dataclass(frozen=True)
class Framework:
    """Who does the jobs. script: in `rivals/`. packages: that it imports. words: of its command, with {places}."""

    name: str
    script: str
    packages: tuple[str, ...]
    words: tuple[str, ...] = ("{uri}", "{jobs}", "{epochs}")

    @property
    def lacks(self) -> str:
        """Which package is missing; empty if none is."""
        return ", ".join(package for package in self.packages if not _is_installed(package))

    def cost(self, folder: Path, jobs: int, epochs: int) -> Cost:
        """Do the jobs in a folder, whose store is made before; `CommandFailed` if fewer runs are finished than jobs."""
        uri = f"sqlite:///{folder}/mlflow.db"
        environment = clean_environment(MLFLOW_TRACKING_URI=uri, **ONE_THREAD)
        cost_of([sys.executable, "-c", MAKE_STORE], folder, environment)
        words = [word.format(uri=uri, jobs=jobs, epochs=epochs) for word in self.words]
        cost = cost_of([sys.executable, str(RIVALS / self.script), *words], folder, environment)
        with closing(sqlite3.connect(folder / "mlflow.db")) as store:
            (finished,) = store.execute("SELECT count(*) FROM runs WHERE status = 'FINISHED'").fetchone()
        if finished != jobs:
            raise CommandFailed(f"{self.name}: {finished} runs are finished, expected {jobs}")
        return cost


FRAMEWORKS = [
    Framework(
        "Hydra's joblib launcher, MLflow",
        "hydra_joblib.py",
        ("hydra_plugins.hydra_joblib_launcher",),
        ("-m", "seed=range(0,{jobs})", "epochs={epochs}", "uri={uri}"),
    ),
    Framework("Optuna, MLflowCallback", "optuna_grid.py", ("optuna", "optuna_integration")),
    Framework("joblib, scikit-learn, MLflow", "joblib_sklearn.py", ("joblib", "sklearn")),
]


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:  # of the package that it is in
        return False
