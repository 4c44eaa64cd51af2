"""What commands print for programs: the page of the `nnexp` command has every field, and no other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import nnexp
from running import run_nnexp

from nnexp import cli
from nnexp.cli.command_group import COMMANDS
from nnexp.cli.output import VERSIONS
from nnexp.launch.pulling.presence import present
from nnexp.launch.pulling.queue import WORKERS, Queue, Ticket
from nnexp.launch.pulling.queue_file import write
from nnexp.tracking.stores.folder import Folder

PAGE = (Path(cli.__file__).parent / "README.md").read_text()


def documented(schema: str) -> list[str]:
    """The fields that the page has below a schema."""
    _, _, section = PAGE.partition(f"### `{schema}`")
    return re.findall(r"^\| `(.+?)` \|", section.partition("\n###")[0], re.MULTILINE)


def fields(value: Any, path: str = "") -> Iterator[str]:
    """The fields that were printed, as the page writes them: `runs[].name`."""
    match value:
        case dict():
            names = {f"{path}.{name}".lstrip("."): each for name, each in value.items()} or {f"{path}.{{}}": None}
            for name, each in names.items():
                yield from fields(each, name)
        case list():
            for each in value or [None]:
                yield from fields(each, f"{path}[]")
        case _:
            yield path


def is_called(field: str, written: str) -> bool:
    return bool(re.fullmatch(re.escape(written).replace(r"\{\}", ".+"), field))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two settings with two seeds each, a run without a result, an image, and a sweep for workers."""
    folder = tmp_path_factory.mktemp("json")
    words = ["data=digits", "sizes=[64,10]", "epochs=2", "pictures=false", "tracking=folder", "sweep.name=etas"]
    done = run_nnexp(folder, "-m", *words, "eta=1,3", "seed=0,1,2")
    assert done.returncode == 0, done.stderr
    store = Folder(path=str(folder / "outputs/runs")).open()
    store.set_status(next(run.id for run in store.search() if run.params["seed"] == "2"), "KILLED")
    np.savez(folder / "image.npz", 255 * np.eye(8, dtype="uint8")[None])
    queue = Queue(folder / "outputs/sweeps/queued")
    queue.make()
    write(queue, ["-m", "eta=1,2"])
    queue.put(Ticket(0, "k0"), {"job": {"name": "eta=1"}})
    return folder


def printed(folder: Path, schema: str) -> dict[str, Any]:
    """What the command of the schema prints."""
    run_id = Folder(path=str(folder / "outputs/runs")).open().search("", "FINISHED")[0].id
    words = {
        "sweep": ["sweeps", "queued"],
        "verify": ["verify", run_id],
        "predict": ["predict", run_id, "image.npz"],
        "compare": ["compare", "etas"],
        "clean": ["clean", "--keep", "1"],
    }
    with present(folder / "outputs/sweeps/queued" / WORKERS / "a1.json", {"jobs": 2}):
        done = nnexp(folder, *words.get(schema, [schema]), "--json")
    assert done.returncode in (0, 1), done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("schema", VERSIONS)
def test_the_page_has_the_fields_that_are_printed_and_no_other(folder: Path, schema: str) -> None:
    found = printed(folder, schema)
    name = f"nnexp.{schema}/{VERSIONS[schema]}"
    assert found.pop("schema") == name
    written = documented(name)
    assert written
    seen = set(fields(found))
    assert [field for field in seen if not any(is_called(field, each) for each in written)] == []
    assert [each for each in written if not any(is_called(field, each) for field in seen)] == []


def test_the_page_has_every_schema_and_every_command() -> None:
    assert re.findall(r"^### `nnexp\.(\w+)/\d+`", PAGE, re.MULTILINE) == list(VERSIONS)
    table = PAGE.partition("An example of each")[0]
    assert [command for command in COMMANDS if f"`{command}`" not in table] == []
    assert [command for command in COMMANDS if f"    nnexp {command} " not in PAGE and command != "doctor"] == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": [{"b": 1}], "c": {}}, ["a[].b", "c.{}"]),
        ({"a": [], "b": {"c": [1, 2]}}, ["a[]", "b.c[]", "b.c[]"]),
    ],
)
def test_fields_are_named_as_on_the_page(value: Any, expected: list[str]) -> None:
    assert list(fields(value)) == expected
