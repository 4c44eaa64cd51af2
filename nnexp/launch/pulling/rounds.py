"""Whether a command goes on with the jobs that are in a queue, or begins with jobs of its own."""

from __future__ import annotations

from collections.abc import Collection

from nnexp.errors import UsageError
from nnexp.launch.pulling.queue import CANCELLED, CLOSED, CONCLUDING, Queue, Ticket
from nnexp.launch.pulling.queue_file import FILE, check_versions, read


def attach(queue: Queue, keys: Collection[str] | None = None) -> None:
    """Make the queue ready for jobs with these keys; None for a search, which does not know its jobs beforehand.

    It goes on with what is in there, if an earlier command has not come to its end and these are its jobs. Raises
    `UsageError` if they are not, or were put by another version of nnexp, numpy or Python.
    """
    queue.make()
    if not (queue.folder / FILE).exists():
        return
    if queue.is_marked(CANCELLED):
        for ticket in queue.waiting():
            queue.drop(ticket)
        queue.conclude()
    of_round = jobs_of_round(queue)
    left = of_round.keys() - {ticket.id for ticket in queue.outcomes()}
    is_ours = keys is None or set(keys) <= {ticket.key for ticket in of_round.values()}
    if queue.is_marked(CLOSED) and not is_ours:
        if left:
            name = queue.folder.name
            raise UsageError(
                f"sweep {name}: {len(left)} of its jobs are not done yet, and this command's are others; "
                f"wait for them, `nnexp sweeps {name} --cancel`, or give this one a name, sweep.name=..."
            )
        queue.conclude()
    elif left:
        check_versions(read(queue), "this command")
    if keys is None or not is_ours:
        queue.unmark(CLOSED, CANCELLED, CONCLUDING)


def jobs_of_round(queue: Queue) -> dict[str, Ticket]:
    """The jobs of commands that have not reached their end yet; by what each is called."""
    found = [*queue.outcomes(), *queue.ended(), *queue.claims(), *queue.waiting()]
    return {ticket.id: ticket for ticket in found if ticket.number >= queue.first}
