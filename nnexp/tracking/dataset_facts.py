"""What a run store keeps of the data that a run was trained on: texts by name, as MLflow shows a data set."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from nnexp.tracking.tags import DATA_SHA256

if TYPE_CHECKING:
    from nnexp.data.dataset import Dataset

NAMES = ("name", "digest", "source_type", "source", "schema", "profile")  # those that there can be
LONGEST_DIGEST = 36  # characters that MLflow takes


def facts_of(dataset: Dataset) -> dict[str, str]:
    """Its hash is the digest, so nothing has to be hashed again."""
    counts = {"train": len(dataset.train), "validation": len(dataset.validation), "test": len(dataset.test)}
    profile = counts | {"classes": dataset.classes, "values": dataset.n_values}
    return _facts(dataset.name, dataset.sha256, profile)


def facts_of_earlier(tags: Mapping[str, str], params: Mapping[str, str], test_examples: int) -> dict[str, str]:
    """What is known of the data of a run in a folder from before these facts were kept; nothing if too little is."""
    name, sha256 = params.get("data", ""), tags.get(DATA_SHA256, "")
    return _facts(name, sha256, {"test": test_examples}) if name and sha256 else {}


def _facts(name: str, sha256: str, profile: Mapping[str, int]) -> dict[str, str]:
    source = json.dumps({"data": name, "sha256": sha256})
    facts = {"name": name, "digest": sha256[:LONGEST_DIGEST], "source_type": "nnexp", "source": source}
    return facts | {"profile": json.dumps(profile)}
