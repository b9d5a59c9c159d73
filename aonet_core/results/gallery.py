"""What an engine is asked and answers about galleries: plain NumPy, no torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FEATURES = ("retrieval", "sl")


@dataclass(frozen=True)
class MatchOptions:
    """How a picture is compared with a gallery; hashable, so that it can name a result.

    Attributes:
        form: Form of the match; None for the checkpoint's own. "unweighted" is without awareness.
        without: Landmarks whose weight is set to 0.
        only: The landmarks that take part; all where it is empty.
        features: "retrieval", or "sl" for features without the reference. OA features are the
            awareness times SL features, so both point the same way: "sl" is the match of those
            directions without awareness. Networks that retrieve by attended features keep no SL
            features.
        rerank: Re-rank with k-reciprocal encoding; for small galleries.
    """

    form: str | None = None
    without: tuple[int, ...] = ()
    only: tuple[int, ...] = ()
    features: str = "retrieval"
    rerank: bool = False

    def __post_init__(self) -> None:
        """Take any sequences of landmarks.

        Raises:
            ValueError: The features have no such name.
        """
        object.__setattr__(self, "without", tuple(self.without))
        object.__setattr__(self, "only", tuple(self.only))
        if self.features not in FEATURES:
            raise ValueError(f"features must be {' or '.join(FEATURES)}, got {self.features!r}")


@dataclass(frozen=True)
class GalleryInfo:
    """What a gallery holds; G pictures in its order, which is that of their adding.

    Attributes:
        name: Of the gallery.
        names: (G,) of its pictures.
        pids: (G,) identities; 0 where unknown.
        camids: (G,) cameras; 0 where unknown.
        revision: Grows with every change; with name and checkpoint it identifies the content.
        checkpoint: SHA-256 of the weights that it was made with.
        complete: False where a build was interrupted.
        source: Where the pictures come from, for people.
    """

    name: str
    names: tuple[str, ...]
    pids: tuple[int, ...]
    camids: tuple[int, ...]
    revision: int = 0
    checkpoint: str = ""
    complete: bool = True
    source: str = ""


@dataclass(frozen=True)
class GalleryEntry:
    """A line in the list of galleries.

    Attributes:
        name: Of the gallery.
        count: How many pictures can be found in it.
        queries: How many pictures are kept with it to be searched for.
        pids_known: Whether any identity is known.
        camids_known: Whether any camera is known.
        checkpoint: SHA-256 of the weights that it was made with; "" where it cannot be told.
        complete: Whether all of its pictures are there.
        source: Where they come from, for people.
        problem: Why it cannot be used; "" where it can.
    """

    name: str
    count: int = 0
    queries: int = 0
    pids_known: bool = False
    camids_known: bool = False
    checkpoint: str = ""
    complete: bool = False
    source: str = ""
    problem: str = ""

    @property
    def usable(self) -> bool:
        """Whether this engine can search in it."""
        return not self.problem


@dataclass(frozen=True)
class BuildReport:
    """What became of the pictures of a source.

    Attributes:
        added: How many are new in the gallery.
        present: How many were there before.
        duplicates: Names of those whose content is there under another name; they are left out.
        refused: Names of those that cannot be used, each with the reason.
    """

    added: int
    present: int
    duplicates: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Matches:
    """The best matches of one picture, best first; equals keep the gallery's order.

    Attributes:
        names: (n,) of gallery pictures.
        similarity: (n,), higher is more alike.
        shares: (n, K) the part of each landmark; they sum to the similarity exactly, unless it was
            re-ranked: then to the similarity before.
        total: How many pictures were ranked.
        form: Form of the match.
        above: How many of them reach the lowest similarity asked for; all where none was.
    """

    names: tuple[str, ...]
    similarity: np.ndarray
    shares: np.ndarray
    total: int
    form: str
    above: int
