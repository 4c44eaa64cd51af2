"""nnexp deletes and replaces only what it has written itself: every place in the package that could, and why it may."""

from __future__ import annotations

import ast
from pathlib import Path

import nnexp

PACKAGE = Path(nnexp.__file__).parent

NAMES = {
    *("rmtree", "unlink", "rmdir", "removedirs", "remove", "rename", "renames", "move", "truncate", "link", "symlink"),
    *("delete_artifacts", "delete_run", "delete_tag", "delete_experiment", "delete_logged_model"),
    *("write_text", "write_bytes", "mkstemp", "mkdtemp", "NamedTemporaryFile", "TemporaryDirectory"),
    *("savez", "savez_compressed", "savetxt", "tofile", "savefig", "save_model", "retrieve"),
}
MODES = {f"{letter}{kind}{more}" for letter in "wax" for kind in ("", "b", "t") for more in ("", "+")}

# A file of the package, what it calls there, and why it may. A new place needs a line, and a reason as good.
ALLOWED = {
    (
        "runtime/owned_files.py",
        "unlink",
    ): "by name, in a folder with the owner's mark; a part file of this process",
    ("runtime/owned_files.py", "rmdir"): "an empty folder, below one that nnexp has made",
    (
        "runtime/owned_files.py",
        "replace",
    ): "a part file of this process takes the name that was asked for",
    ("runtime/owned_files.py", "link"): "gives a file a name that none has",
    ("runtime/owned_files.py", "open(xb)"): "a part file that was not there",
    ("runtime/owned_files.py", "open(x)"): "a mark where there is none",
    (
        "launch/pulling/queue.py",
        "rename",
    ): "a job's file, from one folder of its queue, which carries a mark, to another",
    ("launch/pulling/queue.py", "open(x)"): "a mark where there is none",
    ("launch/pulling/event_lines.py", "open(ab)"): "a line more for a file of this worker's in the queue's folder",
    ("cli/clean.py", "remove"): "of a run store: see tracking/mlflow/run_store.py and tracking/folder",
    ("tracking/mlflow/run_store.py", "delete_run"): "nnexp's runs, for `nnexp clean --yes`; MLflow can restore them",
    ("tracking/mlflow/private.py", "delete_artifacts"): "files that its callers choose by name, of a run of nnexp's",
    ("tracking/mlflow/recorder.py", "delete_artifacts"): "uploaded checkpoints by name, older than the last two",
    ("tracking/mlflow/sweep_summary.py", "delete_artifacts"): "the report of an earlier command, by name",
    ("tracking/mlflow/sweep_summary.py", "delete_run"): "its own, where another machine has made the same",
    ("runtime/owned_files.py", "rename"): "the owner's folder, into one from where it can be moved back",
    ("tracking/folder/recorder.py", "copytree"): "into the run's folder in the store, which carries its mark",
    ("tracking/folder/recorder.py", "open(ab)"): "a line more for a file of the run's in its folder",
    ("tracking/mlflow/rows.py", "delete_tag"): "how a run of nnexp's has ended, when it goes on",
    ("study/whole_lines.py", "truncate"): "what is behind the last whole line of a journal that nnexp has made",
    ("config/errors.py", "remove"): "of a list",
    ("runtime/deferred.py", "remove"): "of a list and of a set",
    ("tracking/folder/plain_record.py", "open(ab)"): "a line more for a file of the run's in its own folder",
    ("runtime/temporary.py", "TemporaryDirectory"): "made here",
    ("tracking/mlflow/trial.py", "delete_artifacts"): "the file of its own run, by name",
    ("tracking/mlflow/trial.py", "delete_run"): "its own, which the next trial restores",
    ("tracking/archive.py", "open(xb)"): "into a temporary folder",
    ("tracking/mlflow/transfer.py", "write_bytes"): "into a temporary folder",
    ("tracking/mlflow/transfer.py", "delete_artifacts"): "copies of checkpoints that the run itself has no more",
    ("tracking/mlflow/sweep_summary.py", "write_bytes"): "into a temporary folder",
    ("tracking/mlflow/ui/image_log.py", "copyfile"): "into a temporary folder",
    ("tracking/mlflow/ui/image_log.py", "save"): "into a temporary folder",
    ("tracking/mlflow/model_template.py", "save_model"): "into a temporary folder",
    ("tracking/mlflow/model_template.py", "write_bytes"): "into the temporary folder of model.py",
    ("tracking/mlflow/model_template.py", "write_text"): "into the temporary folder of model.py",
    ("tracking/mlflow/model_template.py", "copyfile"): "into the temporary folder of model.py",
    ("tracking/mlflow/stored_model.py", "write_text"): "into a copy in a temporary folder",
    ("serve/serving.py", "open(wb)"): "into a copy in a temporary folder",
    ("nn/weights_file.py", "savez"): "into a part file of runtime/owned_files.py",
    ("plots/pictures.py", "save"): "into the run's folder, which carries its mark",
    ("comparison/render/html.py", "save"): "into memory",
    ("cli/find_eta.py", "save"): "into a part file of runtime/owned_files.py, for a name that none has or its own has",
    ("plots/drawing.py", "save"): "into memory",
    ("launch/engines/ray_calls.py", "open(w)"): "its standard output, by another number",
    ("predict/sketch.py", "save"): "into the folder that the user has named with --saw",
    (
        "data/sources/fashion_mnist.py",
        "retrieve",
    ): "into the user's cache, or where no other file has the name",
}


def mode(call: ast.Call) -> str:
    """The mode of a call of `open`, if it writes."""
    values = [*call.args, *(each.value for each in call.keywords)]
    words = [value.value for value in values if isinstance(value, ast.Constant)]
    return next((word for word in words if word in MODES), "")


def place(call: ast.Call) -> str:
    """What a call is called if it could delete a file or write over one; empty if not."""
    function, arguments = call.func, len(call.args)
    owner, name = (ast.unparse(function.value), function.attr) if isinstance(function, ast.Attribute) else ("", "")
    name = name or ast.unparse(function)
    if name in ("open", "fdopen"):
        return f"open({mode(call)})" if mode(call) else ""
    sure = name in NAMES or (owner == "shutil" and name.startswith("copy"))
    path = owner and ((name == "replace" and arguments == 1) or (name == "save" and owner != "weights_file"))
    return name if sure or path else ""


def places(file: Path) -> set[str]:
    """What a module calls that could delete a file or write over one."""
    calls = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
    return {place(call) for call in calls} - {""}


def found() -> set[tuple[str, str]]:
    files = sorted(PACKAGE.rglob("*.py"))
    return {(file.relative_to(PACKAGE).as_posix(), place) for file in files for place in places(file)}


def test_every_place_that_deletes_or_writes_over_a_file_is_known_with_its_reason() -> None:
    assert found() - set(ALLOWED) == set()


def test_no_reason_stands_for_a_place_that_is_gone() -> None:
    assert set(ALLOWED) - found() == set()


def test_no_folder_is_deleted_with_what_is_in_it() -> None:
    assert not [place for place in found() if place[1] in ("rmtree", "removedirs")]


def test_a_new_way_to_delete_is_seen(tmp_path: Path) -> None:
    module = tmp_path / "new.py"
    module.write_text(
        "import shutil\nshutil.rmtree('x')\nPath('y').replace('z')\nopen('b', mode='w')\n'a'.replace('b', 'c')"
    )
    assert places(module) == {"open(w)", "replace", "rmtree"}
