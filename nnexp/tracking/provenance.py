"""Where a run comes from: code, versions, machine."""

from __future__ import annotations

import getpass
import hashlib
import platform
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from threadpoolctl import threadpool_info

from nnexp.nn.arithmetic import ARITHMETIC

PACKAGE = Path(__file__).resolve().parent.parent
ARITHMETIC_TAG = "nnexp.arithmetic"
ARITHMETIC_CODE = ("data", "nn", "train")  # the rooms whose code makes the numbers
VERSION = "nnexp.version."
BLAS = VERSION + "blas"
NUMBERS = (BLAS, VERSION + "numpy", VERSION + "scipy", VERSION + "numba")  # another one can give other last bits
OWNERS = ("numpy", "scipy")  # of the folders that wheels have their BLAS in
PACKAGES = ("nnexp", "numpy", "scipy", "numba", "hydra-core", "omegaconf", "mlflow")


def provenance() -> dict[str, str]:
    """Tags that say what code ran on what: git commit, versions of packages, Python and BLAS, host and user."""
    return _of_process() | {BLAS: blas()}


@cache
def _of_process() -> dict[str, str]:
    """What stays the same while a process lives: it runs the code that it has loaded, whatever is edited meanwhile."""
    tags = {VERSION + name: found for name in PACKAGES if (found := _version(name))}
    tags[VERSION + "python"] = platform.python_version()
    tags[ARITHMETIC_TAG] = str(ARITHMETIC)
    tags |= code_hashes()
    tags |= {"mlflow.user": _user(), "mlflow.source.type": "LOCAL", "mlflow.source.name": "nnexp.run"}
    return tags | git_tags(code_folder())


def changes(tags: Mapping[str, str], data_sha256: str) -> list[str]:
    """What of data, code, versions and machine is not as a run's tags say, a line each."""
    now = provenance() | {"nnexp.data.sha256": data_sha256}
    return _differing(tags, now, ("nnexp.data.", VERSION, "nnexp.code.", ARITHMETIC_TAG))


def made_by_others(runs: Iterable[Mapping[str, str]]) -> dict[str, int]:
    """How many of the runs with these tags others of `NUMBERS` have made, by what differs, in a line.

    A run that does not say by what it was made is none of them.
    """
    now = {name: blas() if name == BLAS else _version(name.removeprefix(VERSION)) or "" for name in NUMBERS}
    return Counter(", ".join(lines) for tags in runs if (lines := _differing(tags, now, NUMBERS)))


def continued(tags: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """The tags of a run that goes on by another numpy, scipy, numba or BLAS kernel: they name both."""
    return {
        name: f"{tags[name]}, then {now[name]}"
        for name in NUMBERS
        if name in tags and name in now and not tags[name].endswith(now[name])
    }


def _differing(tags: Mapping[str, str], now: Mapping[str, str], names: tuple[str, ...]) -> list[str]:
    """The tags whose names begin so and that are others now, a line each."""
    return [
        f"{name.removeprefix('nnexp.')}: was {_short(tags[name])}, is {_short(now.get(name, 'not there'))}"
        for name in sorted(tags)
        if name.startswith(names) and tags[name] != now.get(name)
    ]


def code_hashes() -> dict[str, str]:
    """Tags with the SHA-256 of the code that makes the numbers, one for each room: `nnexp.code.nn`."""
    tags = {}
    for room in ARITHMETIC_CODE:
        digest = hashlib.sha256()
        for file in sorted((PACKAGE / room).rglob("*.py")):
            digest.update(file.relative_to(PACKAGE).as_posix().encode() + file.read_bytes())
        tags[f"nnexp.code.{room}"] = digest.hexdigest()
    return tags


def blas() -> str:
    """The BLAS libraries, with the kernel that each has chosen for this CPU: `openblas 0.3.29 SkylakeX`.

    Those of numpy and scipy, which make our products, where they have brought their own; else all that are loaded.
    """
    loaded = [info for info in threadpool_info() if info["user_api"] == "blas"]
    ours = [info for info in loaded if any(part.startswith(OWNERS) for part in Path(info["filepath"]).parts)]
    found = {
        f"{info['internal_api']} {info['version']} {info.get('architecture', '')}".strip() for info in ours or loaded
    }
    return ", ".join(sorted(found))


def code_folder() -> Path:
    """The package's folder if git tracks it; for an installed package, the folder of the command."""
    tracked = _git(PACKAGE, "ls-files", "--error-unmatch", "__init__.py")
    return PACKAGE if tracked is not None else Path.cwd()


def git_tags(folder: Path) -> dict[str, str]:
    """The commit that the folder's repository is at, and whether its tree differs from it; nothing outside git."""
    commit = _git(folder, "rev-parse", "HEAD")
    if not commit:
        return {}
    dirty = bool(_git(folder, "status", "--porcelain"))
    return {"mlflow.source.git.commit": commit, "nnexp.git.dirty": str(dirty).lower()}


def _git(folder: Path, *arguments: str) -> str | None:
    """What git answers, None if it can't."""
    try:
        answer = subprocess.run(  # noqa: S603
            ["git", "-C", str(folder), *arguments],  # noqa: S607  # whichever git the user has
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()


def _short(value: str) -> str:
    return value[:16] if len(value) == 64 else value


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as in some containers
        return "unknown"


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
