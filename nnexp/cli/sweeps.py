"""`nnexp sweeps`: sweeps whose jobs are done by workers that pull them."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from nnexp.cli import offers
from nnexp.cli.output import print_json, say
from nnexp.errors import UsageError
from nnexp.printable import counted, visible
from nnexp.runtime.terminal import print_columns

if TYPE_CHECKING:
    from nnexp.launch.pulling.queue import Queue

LEAST = ("since", "host")  # columns that a narrow terminal goes without


@click.command()
@click.argument("name", required=False, default="", shell_complete=offers.queue)
@click.option("--follow", "what", flag_value="follow", help="Show what happens until all is done; Ctrl-C leaves it.")
@click.option("--cancel", "what", flag_value="cancel", help="Stop its workers; what is under way is stored.")
@click.option("--conclude", "what", flag_value="conclude", help="Its command again, which finds all jobs done.")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of tables.")
def sweeps(name: str, what: str | None, as_json: bool) -> None:
    """Sweeps of this folder whose jobs are done by workers elsewhere (launch=workers, for instance).

    NAME is that of a sweep, or its beginning: its jobs and workers.

    \b
    Example:
      nnexp sweeps
      nnexp sweeps eta-seed --follow
      nnexp sweeps eta-seed --cancel
    """
    from nnexp.launch.pulling.queue_file import FOLDER

    if not name:
        if what:
            raise UsageError(f"--{what}: got no NAME, expected that of a sweep")
        rows = _rows()
        if as_json:
            print_json("sweeps", sweeps=rows)
        elif rows:
            _show(["sweep", "jobs", "done", "running", "waiting", "failed", "workers", "since", "state"], rows)
        else:
            say(f"no sweep has a queue in {FOLDER.absolute()}; launch=workers, slurm and ray make one", err=True)
        return
    queue = _called(name)
    match what:
        case "follow":
            _follow(queue)
        case "cancel":
            _cancel(queue)
        case "conclude":
            _conclude(queue)
        case _:
            _show_one(queue, as_json)


def _queues() -> list[Queue]:
    from nnexp.launch.pulling.queue import Queue
    from nnexp.launch.pulling.queue_file import FILE, FOLDER

    return [Queue(path.parent.absolute()) for path in sorted(FOLDER.glob(f"*/{FILE}"))]


def _called(name: str) -> Queue:
    """The queue of the sweep that is called so, or whose name alone begins so."""
    queues = _queues()
    found = [each for each in queues if each.folder.name == name]
    found = found or [each for each in queues if each.folder.name.startswith(name)]
    if len(found) != 1:
        names = ", ".join(each.folder.name for each in found or queues) or "none"
        raise UsageError(f"NAME: got {name!r}, expected one of the sweeps with a queue here: {names}")
    return found[0]


def _rows() -> list[dict[str, Any]]:
    from nnexp.launch.pulling.status import STATES, began, counts, in_a_word, workers_now

    rows = []
    for queue in _queues():
        jobs, workers = counts(queue), workers_now(queue)
        states = {state: jobs[state] for state in STATES}
        state = in_a_word(queue, jobs, workers)
        whole = {"sweep": queue.folder.name, "jobs": jobs.total(), **states, "workers": len(workers)}
        rows.append({**whole, "since": _time(began(queue)), "state": state})
    return rows


def _show_one(queue: Queue, as_json: bool) -> None:
    from nnexp.launch.pulling.status import jobs_now, workers_now

    jobs = [
        {"job": each.ticket.id, "name": each.name, "state": each.state, "worker": each.worker, "progress": each.words}
        for each in jobs_now(queue)
    ]
    workers = [
        {
            "worker": each.name,
            "host": each.host,
            "at once": each.jobs,
            "seen": _time(each.seen),
            "state": each.state,
        }
        for each in workers_now(queue)
    ]
    if as_json:
        print_json("sweep", sweep=queue.folder.name, jobs=jobs, workers=workers)
        return
    _show(["job", "name", "state", "worker", "progress"], jobs)
    _show(["worker", "host", "at once", "seen", "state"], workers)


def _show(columns: list[str], rows: list[dict[str, Any]]) -> None:
    """Print a table, as wide as the terminal allows."""
    cells = [[visible(str(row[column])) for column in columns] for row in rows]
    print_columns(columns, cells, left=columns, least=LEAST)


def _follow(queue: Queue) -> None:
    from nnexp.launch.pulling.following import follow
    from nnexp.launch.pulling.status import counts

    try:
        follow(queue)
    except KeyboardInterrupt:
        say(f"sweep {queue.folder.name} goes on")
        return
    jobs = counts(queue)
    say(f"sweep {queue.folder.name}: {jobs['done']} of {counted(jobs.total(), 'job')} done, {jobs['failed']} failed")


def _cancel(queue: Queue) -> None:
    from nnexp.launch.pulling.leaving import cancel
    from nnexp.launch.pulling.status import counts

    jobs = counts(queue)
    if not jobs["waiting"] and not jobs["running"]:
        raise UsageError(f"sweep {queue.folder.name}: no job is left, expected one to cancel")
    cancel(queue)
    left = counts(queue)
    open_ = left["waiting"] + left["running"]
    say(f"sweep {queue.folder.name} is cancelled: {counted(open_, 'job')} not done; the same command again does them")


def _conclude(queue: Queue) -> None:
    from nnexp.launch.pulling.queue_file import check_versions, read
    from nnexp.sweeps.concluding import conclude

    check_versions(found := read(queue), "this command")
    sys.exit(conclude(queue, found))


def _time(unix: float) -> str:
    return datetime.fromtimestamp(unix, tz=UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")
