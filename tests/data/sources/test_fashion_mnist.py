"""Fashion-MNIST, downloaded from a server on this machine."""

from __future__ import annotations

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from datasets import idx_files, pixels, refused, same, zipped

from nnexp.data.sources.fashion_mnist import GZIPPED, FashionMnist


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A server on this machine: `/good/` has the files, `/wrong/` others, `/cut/` ends too early; `asked` remembers."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    files = zipped(idx_files(28))

    class Files(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.server.asked.append(self.path)
            folder, name = self.path.split("/")[1:]
            if folder not in ("good", "wrong", "cut"):
                return self.send_error(404)
            body = files[name] if folder != "wrong" else b"something else"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body if folder != "cut" else body[: len(body) // 2])
            return None

        def log_message(self, *_: Any) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    running.asked = []
    running.base = f"http://127.0.0.1:{running.server_port}"
    running.sha256 = {name: hashlib.sha256(raw).hexdigest() for name, raw in files.items()}
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


def fashion(server: Any, folder: Path, *mirrors: Any) -> Any:
    urls = [f"{server.base}/{mirror}/" if "://" not in mirror else mirror for mirror in mirrors]
    return FashionMnist(urls=urls, sha256=server.sha256, folder=str(folder))


def test_fashion_mnist_is_downloaded_and_holds_what_the_files_hold(tmp_path: Path, server: Any) -> None:
    data = fashion(server, tmp_path / "new" / "cache", "good").load()
    same(data.test.x, pixels(10, 28).reshape(10, 784))
    assert (data.name, data.shape, data.classes) == ("fashion_mnist", (28, 28), 10)
    assert [len(part) for part in (data.train, data.validation, data.test)] == [20, 4, 10]


def test_fashion_mnist_that_is_there_is_not_downloaded_again(tmp_path: Path, server: Any) -> None:
    fashion(server, tmp_path, "good").load()
    server.asked.clear()
    fashion(server, tmp_path, "good").load()
    assert server.asked == []


def test_a_damaged_file_in_the_users_cache_is_downloaded_again(
    tmp_path: Path, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: tmp_path / name)
    fashion(server, "", "good").load()
    (tmp_path / "nnexp" / "fashion-mnist" / GZIPPED[1]).write_bytes(b"damaged")
    server.asked.clear()
    fashion(server, "", "good").load()
    assert server.asked == [f"/good/{GZIPPED[1]}"]


def test_another_file_of_that_name_in_a_folder_of_the_users_is_refused_and_stays(tmp_path: Path, server: Any) -> None:
    (tmp_path / GZIPPED[1]).write_bytes(b"of MNIST")
    found = refused(fashion(server, tmp_path, "good"))
    assert found == f"{tmp_path / GZIPPED[1]}: is another file than Fashion-MNIST's, expected a folder without it"
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [(GZIPPED[1], b"of MNIST")]


def test_without_a_folder_the_users_cache_holds_the_files(
    tmp_path: Path, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: tmp_path / name)
    fashion(server, "", "good").load()
    assert sorted(path.name for path in (tmp_path / "nnexp" / "fashion-mnist").iterdir()) == sorted(GZIPPED)


@pytest.mark.parametrize("bad", ["wrong", "cut", "missing", "http://127.0.0.1:9/x/"])
def test_the_second_mirror_is_asked_when_the_first_fails_and_only_whole_files_stay(
    tmp_path: Path, server: Any, bad: str
) -> None:
    assert len(fashion(server, tmp_path, bad, "good").load().test) == 10
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(GZIPPED)


def test_when_every_mirror_fails_the_error_tells_each_and_why_and_nothing_stays(tmp_path: Path, server: Any) -> None:
    mirrors = ["wrong", "cut", "missing", "http://127.0.0.1:9/x"]
    found = refused(fashion(server, tmp_path, *mirrors)).splitlines()
    assert found[0].startswith(
        f"{tmp_path / GZIPPED[0]}: could not be downloaded, expected a file of the right SHA-256"
    )
    addresses = [f"{server.base}/{mirror}/{GZIPPED[0]}: " for mirror in mirrors[:3]]
    addresses.append(f"http://127.0.0.1:9/x/{GZIPPED[0]}: ")
    reasons = ["does not match the known hash", "IncompleteRead", "404", "refused"]
    assert len(found) == 5
    for line, address, reason in zip(found[1:], addresses, reasons, strict=True):
        assert line.startswith(f"  {address}")
        assert reason in line
    assert list(tmp_path.iterdir()) == []


def test_downloading_says_nothing_where_there_is_no_terminal(
    tmp_path: Path, server: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    fashion(server, tmp_path, "wrong", "good").load()
    assert capfd.readouterr() == ("", "")


def test_a_cache_that_can_not_be_made_is_refused_before_anything_is_asked_for(tmp_path: Path, server: Any) -> None:
    (tmp_path / "file").write_text("x")
    folder = tmp_path / "file" / "cache"
    assert refused(fashion(server, folder, "good")).startswith(f"{folder}: can't be made (Not a directory), expected")
    assert server.asked == []


def test_fashion_mnist_without_addresses_is_refused() -> None:
    assert "data.urls: got none" in refused(FashionMnist())
