"""How much memory a run needs, and how much there is: told before it begins, for the kernel kills without a word.

What a run needs is counted from what it allocates: data, weights and their copies, and the rows that go through the
layers together. What the libraries need was measured: the resident memory of runs of a tiny network.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from nnexp.data.dataset import Dataset
from nnexp.nn.minibatches import BLOCK_BYTES
from nnexp.train.monitor import SAMPLE

MB = 2**20
WHILE_TRAINING = {False: 75 * MB, True: 230 * MB}  # of libraries: Python, numpy, Hydra; with MLflow and SQLAlchemy
AT_THE_END = {False: 115 * MB, True: 295 * MB}  # with matplotlib; with what saves a model
EVALUATED_AT_ONCE = 1000  # see nnexp.nn.network, which is not imported here for BLAS takes long
DRAWN = 8  # bytes: first weights are drawn in float64
CGROUPS = Path("/sys/fs/cgroup")
UNLIMITED = 2**60  # cgroup v1 writes a limit that no machine has


def footprint(
    sizes: Sequence[int],
    mini_batch_size: int,
    dtype: str,
    dataset: Dataset,
    *,
    monitor: Sequence[str] = (),
    tracked: bool = True,
) -> int:
    """The highest memory, in bytes, that the process of such a run will hold, libraries included.

    tracked: whether MLflow remembers the run.
    """
    size = np.dtype(dtype).itemsize
    layers = [x * y for x, y in pairwise(sizes)]
    weights, units = size * sum(layers), sum(sizes[1:])
    drawing = DRAWN * sum(layers) + weights
    training = 3 * units * size * mini_batch_size  # activations, errors, derivatives
    training += (1 + size) * max(BLOCK_BYTES // size, mini_batch_size * sizes[0]) + max(layers)  # and which are finite
    judged = max(len(dataset.validation), len(dataset.test))
    evaluating = size * (min(judged, EVALUATED_AT_ONCE) * (units + sizes[0]) + 2 * judged * sizes[-1])
    monitoring = 3 * SAMPLE * units * size + ("gradients" in monitor) * (weights + DRAWN * max(layers))
    at_work = 2 * weights + max(training, evaluating, monitoring if monitor else 0)  # the network and its best epoch
    better = 3 * weights  # the copy of a better epoch is made before the last one is gone
    begun = WHILE_TRAINING[tracked] + max(drawing, at_work, better)
    ended = AT_THE_END[tracked] + 2 * weights + evaluating
    return data_bytes(dataset) + max(begun, ended)


def data_bytes(dataset: Dataset) -> int:
    """What the examples take, and their targets while training: a byte for each class."""
    parts = (dataset.train, dataset.validation, dataset.test)
    return sum(part.x.nbytes + part.y.nbytes for part in parts) + len(dataset.train) * dataset.classes


def free_memory() -> int:
    """Bytes that a process could have that is begun now: what the machine has left, or the limit of a cgroup."""
    import psutil

    return min([int(psutil.virtual_memory().available), *cgroup_room(CGROUPS, Path("/proc/self/cgroup"))])


def own_memory() -> int:
    """Bytes that this process holds already."""
    import psutil

    return int(psutil.Process().memory_info().rss)


def cgroup_room(root: Path, groups: Path) -> Iterator[int]:
    """What each limit on this process's control groups leaves, versions 1 and 2; memory that caches files is free.

    root: where they are mounted. groups: the file that names those of the process.
    """
    files = {
        "": ("memory.max", "memory.current", "inactive_file"),
        "memory": ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    }
    for line in groups.read_text().splitlines() if groups.is_file() else ():
        _, controllers, name = line.split(":", 2)
        for controller in {"", "memory"} & set(controllers.split(",")):
            mounted = root / controller
            folder = mounted / name.lstrip("/")
            for each in (folder, *folder.parents):
                if each.is_relative_to(mounted):
                    yield from _room_in(each, *files[controller])


def _room_in(folder: Path, limit: str, usage: str, cache: str) -> Iterator[int]:
    try:
        most, used = (folder / limit).read_text().strip(), int((folder / usage).read_text())
        stat = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):  # the root has none, and in a container the folder may not be seen
        return
    if most != "max" and int(most) < UNLIMITED:
        yield max(0, int(most) - used + int(stat.get(cache, 0)))


def too_large(needed: int, free: int) -> str:
    """What to say of a run that does not fit; nothing if it does. needed, free: bytes."""
    if needed <= free:
        return ""
    return f"needs about {in_gigabytes(needed)} of memory, but {in_gigabytes(free)} are free"


def in_gigabytes(n: int) -> str:
    """`37.3 GB`."""
    return f"{n / 2**30:.1f} GB"
