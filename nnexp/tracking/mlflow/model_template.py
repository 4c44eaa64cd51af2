"""What MLflow models of networks with the same inputs and outputs have in common: MLflow saves one, once a process."""

from __future__ import annotations

import shutil
import warnings
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nnexp.runtime.temporary import temporary_folder
from nnexp.tracking.mlflow.private import installed_as_said

if TYPE_CHECKING:
    from mlflow.models import Model, ModelSignature

LOADER = "nnexp.tracking.mlflow.pyfunc_loader"
FILE = "MLmodel"
WEIGHTS, CODE = "weights.npz", "nnexp.zip"
PACKAGE = Path(__file__).resolve().parents[2]
CARRIED = (
    *("__init__.py", "component.py", "discovery.py", "disk_full.py", "errors.py", "printable.py", "nn/**/*.py"),
    *("tracking/__init__.py", "tracking/mlflow/__init__.py", "tracking/mlflow/pyfunc_loader.py"),
)
NEEDED = ("numpy", "scipy", "threadpoolctl")


@dataclass(frozen=True)
class Template:
    """A model without its weights. files: all but the one that describes it, by path. description: what that says."""

    files: dict[str, bytes]
    description: dict[str, Any]

    def write(self, folder: Path, model: Model, weights: Path) -> None:
        """Write the model of these weights into a new folder. model: says of which run it is."""
        import yaml

        data = self.description["flavors"]["python_function"]["data"]
        for name, content in self.files.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        (folder / data).parent.mkdir(exist_ok=True)
        shutil.copyfile(weights, folder / data)
        others = self.description.get("model_size_bytes", sum(map(len, self.files.values())))  # said with examples only
        size = others + weights.stat().st_size
        own = {name: value for name, value in model.to_dict().items() if name in PER_MODEL}
        described = self.description | own | {"model_size_bytes": size}
        dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # where PyYAML was built with it, ten times as fast
        (folder / FILE).write_text(yaml.dump(described, Dumper=dumper))


PER_MODEL = ("run_id", "model_id", "artifact_path", "model_uuid", "utc_time_created")


@lru_cache(maxsize=8)
def template(inputs: int, outputs: int, dtype: str, examples: bytes) -> Template:
    """The model of a network with so many inputs and outputs. examples: rows of its inputs, which it shows, if any.

    It carries the few modules of nnexp that it needs. It is kept as bytes, which a fork inherits and no kill leaves
    lying about.
    """
    import mlflow.pyfunc
    from mlflow.models import Model

    model = Model()
    with temporary_folder() as temporary:
        weights, folder = Path(temporary) / WEIGHTS, Path(temporary) / "model"
        weights.touch()
        with installed_as_said(), warnings.catch_warnings():
            warnings.simplefilter("ignore" if not examples else "default")  # of a model that shows none
            mlflow.pyfunc.save_model(
                str(folder),
                mlflow_model=model,
                loader_module=LOADER,
                data_path=str(weights),
                code_paths=[str(_carried_code(Path(temporary)))],
                pip_requirements=[f"{package}=={version(package)}" for package in NEEDED],
                signature=_signature(inputs, outputs, dtype),
                input_example=np.frombuffer(examples, dtype).reshape(-1, inputs) if examples else None,
            )
        files = {
            file.relative_to(folder).as_posix(): file.read_bytes()
            for file in sorted(folder.rglob("*"))
            if file.is_file() and file.name not in (FILE, WEIGHTS)
        }
    model.flavors["python_function"]["code"] += f"/{CODE}"  # what goes on Python's path
    return Template(files, model.to_dict())


def _signature(inputs: int, outputs: int, dtype: str) -> ModelSignature:
    from mlflow.models import ModelSignature
    from mlflow.types import Schema, TensorSpec

    def rows(n: int) -> Schema:
        return Schema([TensorSpec(np.dtype(dtype), (-1, n))])

    return ModelSignature(inputs=rows(inputs), outputs=rows(outputs))


def _carried_code(folder: Path) -> Path:
    """Those modules of nnexp that a served network needs, in one file, which Python imports from as from a folder.

    Over HTTP a model of fifty files would be fifty requests.
    """
    archive = folder / CODE
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        for file in sorted(file for pattern in CARRIED for file in PACKAGE.glob(pattern)):
            zipped.writestr(f"nnexp/{file.relative_to(PACKAGE).as_posix()}", file.read_bytes())
    return archive
