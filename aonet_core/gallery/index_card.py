"""What is kept of an index for approximate search: what it is of, and what was measured of it."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from aonet_core.files import replacing
from aonet_core.gallery.schema import Catalogue

FOLDER = "approximate"
CARD = "index.json"


@dataclass(frozen=True)
class Recall:
    """How much of the exact ranking a search with these settings finds.

    Attributes:
        probes: Partitions looked into.
        candidates: Pictures compared exactly.
        recall: Mean share of the exact `top_k` that it returns.
        milliseconds: Median time of one search.
    """

    probes: int
    candidates: int
    recall: float
    milliseconds: float


@dataclass(frozen=True)
class Card:
    """What an index is.

    Attributes:
        checkpoint: SHA-256 of the weights that the gallery was made with.
        content: Digest of the gallery's pictures.
        form: Form of the match.
        components: m, of each landmark.
        kind: "flat" keeps reduced vectors, "pq" codes of them.
        partitions: Of the inverted file.
        count: G.
        top_k: What recall was measured at.
        exact_milliseconds: Median time of one exact search.
        measured: Recall by settings.
    """

    checkpoint: str
    content: str
    form: str
    components: int
    kind: str
    partitions: int
    count: int
    top_k: int = 0
    exact_milliseconds: float = 0.0
    measured: tuple[Recall, ...] = ()

    def setting(self, recall: float) -> Recall:
        """Return the fastest measured settings with at least some recall; else the best."""
        enough = [each for each in self.measured if each.recall >= recall]
        if enough:
            return min(enough, key=lambda each: each.milliseconds)
        return max(self.measured, key=lambda each: each.recall)


def content(catalogue: Catalogue) -> str:
    """Digest of what a gallery's pictures are, in their order."""
    joined = hashlib.sha256(catalogue.numbers.tobytes())
    joined.update(b"".join(catalogue.digests))
    return joined.hexdigest()


def forget(folder: Path) -> None:
    """Delete a gallery's index, where there is one."""
    shutil.rmtree(folder / FOLDER, ignore_errors=True)


def read_card(folder: Path) -> Card:
    """Read the card of an index.

    Raises:
        OSError, ValueError, TypeError, KeyError: It cannot be read.
    """
    card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    card["measured"] = tuple(Recall(**each) for each in card["measured"])
    return Card(**card)


def write_card(folder: Path, card: Card) -> None:
    """Write the card of an index."""
    with replacing(folder / CARD) as partial:
        partial.write_text(json.dumps(asdict(card), indent=1), encoding="utf-8")
