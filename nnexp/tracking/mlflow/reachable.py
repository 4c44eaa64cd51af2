"""Whether a server or a database is at an address: asked once, where MLflow asks again and again, in our own words."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from nnexp.errors import NoAnswer, TrackingError, in_a_line, redacted
from nnexp.tracking.mlflow.private import ask

if TYPE_CHECKING:
    from requests import Response

SECONDS = 20.0  # for an answer; a server that is busy takes some
DATABASES = ("postgresql", "mysql", "mssql")  # that MLflow knows beside SQLite, which has no server
ENDPOINT = "/api/2.0/mlflow/experiments/get-by-name"
REFUSES = (401, 403)
AWAY_FOR_A_MOMENT = (429, 502, 503, 504)  # MLflow asks again
OTHER_ADDRESS = "give another address by --uri, tracking.uri or MLFLOW_TRACKING_URI"  # what a user can do


def is_server(uri: str) -> bool:
    """Whether the address is that of a server, not of a database."""
    return uri.startswith(("http://", "https://"))


def check_answers(uri: str, experiment: str) -> None:
    """Raise `NoAnswer` if no server or database answers at the address, `TrackingError` if another program does."""
    if is_server(uri):
        _check_server(uri, experiment)
    elif uri.startswith(DATABASES):
        _check_database(uri)


def _check_database(uri: str) -> None:
    from sqlalchemy import create_engine, make_url

    try:
        place = make_url(uri)
        if place.host and place.port:  # a driver may wait for minutes
            socket.create_connection((place.host, place.port), SECONDS).close()
        engine = create_engine(place)
        engine.connect().close()
        engine.dispose()
    except Exception as error:  # each driver has its own
        reason = _reason(error) if isinstance(error, OSError) else in_a_line(error).partition(": ")[2]
        kind = NoAnswer if isinstance(error, OSError) else TrackingError
        raise kind([f"{redacted(uri)}: no database opens there ({reason})", f"start it, or {OTHER_ADDRESS}"]) from error


def _check_server(uri: str, experiment: str) -> None:
    shown = redacted(uri)
    try:
        answer = ask(uri, ENDPOINT, {"experiment_name": experiment}, SECONDS)
    except Exception as error:  # MLflow and requests have many
        raise NoAnswer(
            [f"{shown}: no MLflow server answers there ({_reason(error)})", f"start it, or {OTHER_ADDRESS}"]
        ) from error
    if answer.status_code in REFUSES:
        raise TrackingError(
            [
                f"{shown}: the server refuses access ({answer.status_code})",
                "put a name and password that it knows into MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, "
                "or a token into MLFLOW_TRACKING_TOKEN",
            ]
        )
    if answer.status_code in AWAY_FOR_A_MOMENT or _is_mlflows(answer):
        return
    if answer.status_code >= 500:
        said = f"{shown}: the server answers {answer.status_code}"
        raise NoAnswer([said, f"see what its log says, or {OTHER_ADDRESS}"])
    raise TrackingError([f"{shown}: another program answers there, not an MLflow server", OTHER_ADDRESS])


def _is_mlflows(answer: Response) -> bool:
    """Whether it is an experiment, or an error as MLflow writes them."""
    try:
        said = answer.json()
    except ValueError:
        return False
    return isinstance(said, dict) and not {"experiment", "error_code"}.isdisjoint(said)


def _reason(error: BaseException) -> str:
    """Why there was no answer: in the system's words where they are at the bottom of it."""
    chain = [error]
    while inner := chain[-1].__cause__ or chain[-1].__context__:
        chain.append(inner)
    if any("Timeout" in type(each).__name__ for each in chain):
        return f"not within {SECONDS:.0f} seconds"
    said = [words for each in chain if (words := getattr(each, "strerror", None))]
    return said[-1] if said else type(chain[-1]).__name__
