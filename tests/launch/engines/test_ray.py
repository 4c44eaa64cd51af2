"""How a Ray cluster is asked, and which nodes are refused. `tests/program/test_ray.py` has a real Ray."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from processes import gone, wait_until

from nnexp.errors import LaunchError
from nnexp.launch.engines import ray
from nnexp.launch.engines.ray import Client, RayEngine, differences
from nnexp.launch.engines.ray_calls import WITH_PARENT

HERE = {"nnexp": "0.3.0", "numpy": "2.4.6"}


Ask = Callable[..., Client]


@pytest.fixture
def client() -> Iterator[Ask]:
    """Makes one that asks a shell, which answers each line with what these words do."""
    with ExitStack() as stack:

        def made(answers: str, patience: float = 60.0) -> Client:
            asked = Client("head:6379", ["/bin/sh", "-c", f"while read line; do {answers}; done"], patience)
            return stack.enter_context(closing(asked))

        yield made


def test_without_ray_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray, "find_spec", lambda _: None)
    with pytest.raises(LaunchError, match=r"ray is not installed; pip install 'nnexp\[ray\]'"):
        RayEngine("auto", {}, 1).check()


def test_a_node_that_differs_is_named_with_what_it_has() -> None:
    nodes = {"a (1)": HERE, "b (2)": HERE | {"numpy": "2.3.0"}, "c (3)": {"numpy": "2.4.6"}}
    assert differences(nodes, HERE) == [
        "b (2): numpy: got 2.3.0, expected 2.4.6",
        "c (3): nnexp: got none, expected 0.3.0",
    ]


def test_an_answer_is_given(client: Ask) -> None:
    assert client("""echo '{"answer": 3}'""").ask("there", prefix="a") == 3


def test_the_question_is_a_line_of_json(client: Ask, tmp_path: Path) -> None:
    client(f"""echo "$line" > {tmp_path}/asked; echo '{{"answer": 3}}'""").ask("there", prefix="a")
    assert (tmp_path / "asked").read_text() == '["there", {"prefix": "a"}]\n'


def test_an_error_is_told_with_the_address(client: Ask) -> None:
    with pytest.raises(LaunchError, match=r"launch.address: got 'head:6379' \(OSError: refused\), expected a Ray"):
        client("""echo '{"error": "OSError: refused"}'""").ask("there", prefix="a")


def test_a_connection_that_ends_is_an_error(client: Ask) -> None:
    with pytest.raises(LaunchError, match="Ray has ended the connection"):
        client("exit").ask("there", prefix="a")


def test_an_answer_that_does_not_come_is_an_error(client: Ask) -> None:
    with pytest.raises(LaunchError, match="no answer in 0 seconds"):
        client("exec sleep 100", patience=0.01).ask("there", prefix="a")


def test_nobody_waits_for_a_later_answer(client: Ask) -> None:
    asked = client("""[ "$one" ] && exec sleep 100; one=done; echo '{"answer": 3}'""")
    assert asked.answer_to("there", prefix="a") == 3
    assert asked.answer_to("there", prefix="a") is None


def test_it_is_asked_anew_when_the_connection_has_ended(client: Ask, tmp_path: Path) -> None:
    asked = client(f"""[ -e {tmp_path}/one ] || {{ touch {tmp_path}/one; exit; }}; echo '{{"answer": 3}}'""")
    assert asked.answer_to("there", prefix="a") is None
    wait_until(lambda: asked.answer_to("there", prefix="a") == 3)


PARENT = """
import os, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1], str(os.getpid()), "/bin/sleep", "1000"])
print(child.pid, flush=True)
child.wait()
"""


def test_a_worker_ends_when_the_process_of_ray_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, WITH_PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        wait_until(lambda: Path(f"/proc/{child}/cmdline").read_text().startswith("/bin/sleep"))
        parent.kill()
    wait_until(lambda: gone(child))


def test_a_worker_whose_parent_has_gone_already_does_not_begin() -> None:
    done = subprocess.run([sys.executable, "-c", WITH_PARENT, str(os.getpid() + 1), "/bin/true"], check=False)
    assert done.returncode == 1
