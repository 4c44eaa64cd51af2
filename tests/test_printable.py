"""What comes from a file, a store or the keyboard is shown, and can not act on the terminal, the page or the sheet."""

from __future__ import annotations

import csv
import io
import json
import logging
import pickle
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from commands import client_of, nnexp
from running import give_store, run_nnexp

from nnexp.cli.output import print_json
from nnexp.data.sources.npz import Npz
from nnexp.errors import ConfigError, DataError, JobFailed, UsageError
from nnexp.formats import value_text
from nnexp.printable import LONGEST, LogFormatter, counted, csv_cell, shortened, visible
from nnexp.runner.result import Outcome
from nnexp.sweeps.table import Table

# MLflow 3.17 reads the store through calls that SQLAlchemy 2.1 calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

TITLE = "\x1b]0;title\x07"  # has a terminal change the title of its window
UNSEEN = [
    "\x00",
    "\x1b",
    "\n",
    "\r",
    "\x7f",
    "\x85",
    "\x9b",
    "\u200b",
    "\u2028",
    "\u202e",
    "\u2066",
    "\ufeff",
    "\udcff",
]


@pytest.mark.parametrize("letter", UNSEEN, ids=ascii)
def test_what_can_not_be_seen_is_written_as_python_writes_it(letter: str) -> None:
    assert visible(f"a{letter}b") == f"a{letter!r}b".replace("'", "")


@pytest.mark.parametrize("text", ["eta=3.0", "Größe", "数字", "± 0.10 %", "🙂", "back\\slash"])
def test_what_can_be_seen_stays(text: str) -> None:
    assert visible(text) == text


def test_no_control_no_mark_of_direction_and_none_of_no_width_is_left() -> None:
    shown = visible("".join(map(chr, [*range(0x20000), *range(0xE0000, 0xE0200)])))
    assert {unicodedata.category(letter) for letter in shown}.isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp"})


def test_a_line_that_is_too_long_keeps_its_beginning_and_its_end() -> None:
    line = shortened(f"seed: got {'9' * 5000}, expected a whole number >= 0")
    assert len(line) == LONGEST
    assert line.startswith("seed: got 999")
    assert line.endswith("999, expected a whole number >= 0")


# Errors.


def test_each_problem_is_one_short_line_whatever_is_in_it() -> None:
    error = ConfigError([f"a: got {TITLE}\n", "b" * 10_000, "http://ann:s3cret@db"])
    first, second, third = str(error).split("\n")
    assert first == r"a: got \x1b]0;title\x07\n"
    assert len(second) == LONGEST
    assert third == "http://***@db"


@pytest.mark.parametrize("error", [UsageError("a\nb"), ConfigError(["a", "b"]), JobFailed(["a", "b"])], ids=type)
def test_an_error_is_the_same_after_a_way_through_another_process(error: UsageError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


def test_names_in_an_archive_are_shown_and_a_line_about_5_000_of_them_is_short(tmp_path: Path) -> None:
    np.savez(tmp_path / "many.npz", **{f"{TITLE}{number}": np.zeros(1) for number in range(5000)})  # type: ignore[arg-type]
    with pytest.raises(DataError) as refused:
        Npz(path=str(tmp_path / "many.npz")).load()
    message = str(refused.value)
    assert r": holds \x1b]0;title\x070, " in message
    assert message.endswith(", expected x_train, y_train, x_test, y_test")
    assert len(message) == LONGEST


def test_a_file_name_that_is_no_text_is_shown() -> None:
    with pytest.raises(DataError) as refused:
        Npz(path="\udcff\x1b[2J.npz").load()
    assert str(refused.value).startswith(r"\udcff\x1b[2J.npz: is not there")


# Logs.


def shown_by_log(name: str, message: str, error: Exception | None = None) -> str:
    about = (type(error), error, None) if error else None
    return LogFormatter().format(logging.LogRecord(name, logging.INFO, "", 0, message, None, about))


def test_a_log_record_of_ours_is_one_line_and_of_a_library_visible_lines() -> None:
    assert shown_by_log("nnexp.runner.one_run", f"training a\nb{TITLE}") == r"training a\nb\x1b]0;title\x07"
    assert shown_by_log("mlflow", f"a\nb{TITLE}") == "a\nb" + r"\x1b]0;title\x07"


def test_a_traceback_in_a_log_can_not_act_on_a_terminal() -> None:
    assert shown_by_log("nnexp", "it failed", ValueError(TITLE)).endswith(r"ValueError: \x1b]0;title\x07")


@pytest.mark.slow
def test_a_name_of_a_data_file_reaches_terminal_and_log_visibly(tmp_path: Path) -> None:
    x, y = np.random.default_rng(0).random((12, 4)), np.arange(12) % 2
    np.savez(tmp_path / f"{TITLE}.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    words = ["data=npz", f"data.path='{TITLE}.npz'", "sizes=[4,2]", "epochs=1", "mini_batch_size=2", "tracking=off"]
    done = run_nnexp(tmp_path, *words)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(r"training 4-2 eta=3 seed=0 epochs=1 mini_batch_size=2 data=npz on \x1b]0;title\x07")
    (log,) = tmp_path.glob("outputs/*/*/run.log")
    assert TITLE not in done.stdout + log.read_text()


# Tables.


def test_a_value_can_neither_break_a_row_of_markdown_nor_end_its_cell() -> None:
    table = Table(["what"], [Outcome({"what": "a | b\n| forged | row |"}, "new")])
    assert len(table.markdown().splitlines()) == 3
    assert r"| a \| b\n\| forged \| row \| |" in table.markdown()


def test_text_that_a_spreadsheet_would_run_is_quoted_and_numbers_stay() -> None:
    table = Table(["what", "eta"], [Outcome({"what": '=HYPERLINK("x")', "eta": -1.5}, "new")])
    _, row = csv.reader(io.StringIO(table.csv()))
    assert row[:2] == ['\'=HYPERLINK("x")', "-1.5"]
    assert csv_cell("784-30-10") == "784-30-10"


@pytest.mark.parametrize(("count", "words"), [(0, "0 jobs"), (1, "1 job"), (2, "2 jobs")])
def test_one_thing_is_no_things(count: int, words: str) -> None:
    assert counted(count, "job") == words


def test_values_for_people_are_visible() -> None:
    assert value_text([TITLE, 3]) == r"\x1b]0;title\x07-3"


# A store that others have written to.


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two finished runs whose names, params and tags hold what acts on terminals, breaks rows and turns text round."""
    folder = give_store(tmp_path_factory.mktemp("hostile"))
    client = client_of(folder)
    experiment = client.create_experiment("nnexp")
    for cost in (f"{TITLE}\n| forged | row |", "=cmd|' /C calc'!A0\u202e"):
        run = client.create_run(experiment, run_name=f"name {TITLE}\u2066\nsecond line").info.run_id
        client.log_param(run, "cost", cost)
        client.set_tag(run, "nnexp.command", f"python {TITLE}\n")
        client.set_tag(run, "nnexp.key", TITLE)
        for metric in ("validation_accuracy", "test_accuracy"):
            client.log_metric(run, metric, 0.5, step=1)
        client.set_terminated(run)
    return folder


@pytest.mark.parametrize(
    "words", [["runs"], ["compare"], ["compare", "--markdown"], ["compare", "--csv"], ["clean", "--keep", "0"]], ids=str
)
def test_what_a_store_holds_is_printed_visibly(store: Path, words: list[str]) -> None:
    done = nnexp(store, *words)
    assert done.returncode == 0, done.stderr
    assert r"\x1b]0;title\x07" in done.stdout.replace("\n", "")
    assert [line for line in done.stdout.splitlines() if not line.isprintable()] == []


def test_no_line_is_forged_into_the_markdown(store: Path) -> None:
    rows = [line for line in nnexp(store, "compare", "--markdown").stdout.splitlines() if line.startswith("|")]
    assert len(rows) == 4
    assert len({row.replace(r"\|", "").count("|") for row in rows}) == 1


def test_a_param_that_looks_like_a_formula_is_none_in_the_csv(store: Path) -> None:
    costs = [row["cost"] for row in csv.DictReader(io.StringIO(nnexp(store, "compare", "--csv").stdout))]
    assert "'=cmd|' /C calc'!A0\\u202e" in costs


def test_the_report_holds_no_sign_that_can_not_be_seen(store: Path) -> None:
    assert nnexp(store, "compare", "--html", "report.html").returncode == 0
    page = (store / "report.html").read_text(encoding="utf-8")
    assert r"\x1b]0;title\x07" in page
    assert [line for line in page.split("\n") if not line.isprintable()] == []


def test_a_number_that_json_has_not_is_null_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    print_json("runs", runs=[{"test_accuracy": float("nan"), "eta": 3.0}])
    assert json.loads(capsys.readouterr().out)["runs"] == [{"test_accuracy": None, "eta": 3.0}]


def test_json_is_for_programs_and_holds_what_the_store_holds(store: Path) -> None:
    done = nnexp(store, "runs", "--json")
    assert done.stdout.isascii()
    assert {row["name"] for row in json.loads(done.stdout)["runs"]} == {f"name {TITLE}\u2066\nsecond line"}
