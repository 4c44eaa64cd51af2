"""How much memory there is for a process that is begun now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

MB = 2**20
CGROUPS = Path("/sys/fs/cgroup")
UNLIMITED = 2**60  # cgroup v1 writes a limit that no machine has


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
