"""How much memory there is."""

from __future__ import annotations

from pathlib import Path

from nnexp.runtime.memory import MB, cgroup_room, free_memory, own_memory


def test_some_memory_is_free_and_some_is_ours() -> None:
    assert free_memory() > MB
    assert own_memory() > MB


def test_a_limit_of_cgroups_2_leaves_what_is_not_used_and_what_caches_files(tmp_path: Path) -> None:
    inner = tmp_path / "job" / "step"
    inner.mkdir(parents=True)
    for folder, limit, used in ((inner, "max", 300), (inner.parent, "1000", 700)):
        (folder / "memory.max").write_text(f"{limit}\n")
        (folder / "memory.current").write_text(f"{used}\n")
        (folder / "memory.stat").write_text("anon 500\ninactive_file 50\n")
    (tmp_path / "groups").write_text("0::/job/step\n")
    assert list(cgroup_room(tmp_path, tmp_path / "groups")) == [350]


def test_a_limit_of_cgroups_1_is_found_too_and_none_is_none(tmp_path: Path) -> None:
    inner = tmp_path / "memory" / "job"
    inner.mkdir(parents=True)
    for folder, limit in ((inner, 1000), (inner.parent, 2**63 - 4096)):
        (folder / "memory.limit_in_bytes").write_text(f"{limit}\n")
        (folder / "memory.usage_in_bytes").write_text("700\n")
        (folder / "memory.stat").write_text("total_inactive_file 100\n")
    (tmp_path / "groups").write_text("5:cpu,cpuacct:/\n4:memory:/job\n0::/\n")
    assert list(cgroup_room(tmp_path, tmp_path / "groups")) == [400]


def test_where_there_are_no_cgroups_nothing_is_limited(tmp_path: Path) -> None:
    assert list(cgroup_room(tmp_path, tmp_path / "groups")) == []
