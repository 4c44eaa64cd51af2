"""`tracking=server`: the address of a team's server is the environment's, and nothing else will do."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest
from configs import config

from nnexp.errors import TrackingError

SCRIPTS = Path(__file__).parents[2] / "scripts/server"


def test_without_an_address_it_says_which_variable_is_to_have_it() -> None:
    with pytest.raises(TrackingError) as caught:
        config("tracking=server").tracking.open()
    first, second = str(caught.value).splitlines()
    assert first == "tracking=server: MLFLOW_TRACKING_URI is not set, expected a server's address"
    assert second.startswith("export MLFLOW_TRACKING_URI=https://")


def test_the_variable_may_have_another_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    with pytest.raises(TrackingError, match=r"TEAM_SERVER is not set"):
        config("tracking=server", "tracking.variable=TEAM_SERVER").tracking.open()


@pytest.mark.parametrize("address", ["sqlite:///mlflow.db", "postgresql://ann:s3cret@db/mlflow", "mlflow.example.org"])
def test_what_is_no_servers_address_is_refused_without_its_password(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    with pytest.raises(TrackingError, match=r"expected http://\.\.\. or https://") as caught:
        config("tracking=server").tracking.open()
    assert "s3cret" not in str(caught.value)


def test_auth_does_not_hash_a_password_at_each_request() -> None:
    auth = configparser.ConfigParser()
    auth.read(SCRIPTS / "auth.ini")
    assert auth.getint("mlflow", "auth_cache_ttl_seconds") > 0


@pytest.mark.parametrize("file", ["auth.ini", "compose.yaml", "Caddyfile", "start", "backup"])
def test_no_file_of_the_server_holds_a_password(file: str) -> None:
    said = [line for line in (SCRIPTS / file).read_text().splitlines() if "PASSWORD:" in line or "SECRET" in line]
    assert all("${" in line or line.startswith("#") or "$(secret" in line for line in said)
