"""Fashion-MNIST, downloaded when first asked for: 70,000 pieces of clothing, in MNIST's format.

Source: Xiao, Rasul and Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning
Algorithms", arXiv:1708.07747. Its addresses and hashes are data: conf/data/fashion_mnist.yaml.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from nnexp.component import setting
from nnexp.data.dataset import Dataset
from nnexp.data.files import read, reason, sha256_of
from nnexp.data.sources.base import Source
from nnexp.data.sources.idx import FILES, dataset_from_idx
from nnexp.errors import DataError
from nnexp.runtime.waiting import quiet

GZIPPED = tuple(f"{name}.gz" for name in FILES)
CLASSES = 10


@dataclass
class FashionMnist(Source):
    """70,000 pieces of clothing, 28 x 28 pixels, downloaded once: 50,000 to train, 10,000 each to validate and test."""

    kind: str = "fashion_mnist"
    urls: list[str] = setting(
        [], help="addresses of folders that hold the four files, tried in this order", counts=False
    )
    sha256: dict[str, str] = setting(
        {}, help="each file's, hexadecimal, by its name; what differs is not kept", counts=False
    )
    folder: str = setting(
        "", help="where the files are kept, and no other is replaced; '': in the user's cache", counts=False
    )
    known: ClassVar[tuple[int, int] | None] = (784, 10)

    def conflicts(self) -> list[str]:
        wrong = [url for url in self.urls if not re.match(r"https?://[^/]", str(url))]
        problems = [
            f"data.urls: got {url!r}, expected an address that begins with http:// or https://" for url in wrong
        ]
        if not self.urls:
            problems.append("data.urls: got none, expected at least one address")
        if sorted(self.sha256) != sorted(GZIPPED):
            problems.append(f"data.sha256: got {', '.join(self.sha256) or 'none'}, expected {', '.join(GZIPPED)}")
        for name, digest in self.sha256.items():
            if not re.fullmatch("[0-9a-f]{64}", digest):
                problems.append(f"data.sha256: got {digest!r} for {name}, expected 64 hexadecimal digits")
        return problems

    def load(self) -> Dataset:
        if problems := self.problems():
            raise DataError(problems)
        folder = self._cache()
        if self.folder:
            self._refuse_others(folder)
        files = [fetched(name, self.sha256[name], self.urls, folder) for name in GZIPPED]
        return dataset_from_idx(self.kind, files, None, CLASSES)

    def _refuse_others(self, folder: Path) -> None:
        """Raise `DataError` for a file that a download would replace: MNIST's and EMNIST's have the same names."""
        for name in GZIPPED:
            file = folder / name
            if file.exists() and sha256_of(read(file, "Fashion-MNIST")) != self.sha256[name]:
                raise DataError(f"{file}: is another file than Fashion-MNIST's, expected a folder without it")

    def _cache(self) -> Path:
        """The folder of the files, made if it is not there."""
        from platformdirs import user_cache_path

        folder = Path(self.folder) if self.folder else user_cache_path("nnexp") / "fashion-mnist"
        try:
            folder = folder.expanduser()
            folder.mkdir(parents=True, exist_ok=True)
        except (OSError, ValueError, RuntimeError) as error:
            raise DataError(
                f"{folder}: can't be made ({reason(error)}), expected a folder for Fashion-MNIST"
            ) from error
        return folder


def fetched(name: str, sha256: str, urls: list[str], folder: Path) -> Path:
    """The file called `name` in `folder`, downloaded from the first of `urls` that has it, if it is not there yet.

    Raises `DataError` that says why each address failed. Only a whole file with this hash gets its name.
    """
    import pooch

    pooch.get_logger().setLevel("WARNING")
    downloader = pooch.HTTPDownloader(progressbar=sys.stderr.isatty(), chunk_size=2**16)
    failures = []
    for url in urls:
        address = f"{url.rstrip('/')}/{name}"
        try:
            with quiet():  # it draws a bar
                return Path(pooch.retrieve(address, f"sha256:{sha256}", name, folder, downloader=downloader))
        except (OSError, ValueError) as error:  # the network, the disk; another hash
            failures.append(f"  {address}: {reason(error)}")
    expected = "a file of the right SHA-256 from one of these"
    raise DataError([f"{folder / name}: could not be downloaded, expected {expected}:", *failures])
