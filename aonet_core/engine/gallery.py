"""The sample set's gallery, embedded once by each checkpoint and kept on disk."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import torch
from PIL import Image

from aonet_core.engine.samples import SAMPLE_FOLDER, Sample, read_samples
from aonet_core.engine.types import Embedded, GalleryInfo, Matches
from aonet_core.occlusion import Progress
from aonet_core.retrieval import Embedding, Side, gallery_side, query_side

BATCH = 16
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Gallery:
    """Pictures to be found, ready to be compared with.

    Attributes:
        info: What they are.
        embedding: What stands for them in retrieval.
    """

    info: GalleryInfo
    embedding: Embedding
    _sides: dict[str, Side] = field(default_factory=dict)

    def side(self, form: str) -> Side:
        """The gallery's side of a form of the match."""
        if form not in self._sides:
            self._sides[form] = gallery_side(self.embedding, form)
        return self._sides[form]

    def among(self, names: Sequence[str]) -> torch.Tensor:
        """Which pictures are named, (G,) bool.

        Raises:
            ValueError: One of the names is not in the gallery.
        """
        unknown = set(names) - set(self.info.names)
        if unknown:
            raise ValueError(f"the gallery {self.info.name} has no picture {min(unknown)}")
        wanted = set(names)
        return torch.tensor([name in wanted for name in self.info.names])

    def rank(
        self,
        query: Embedding,
        form: str,
        top_k: int,
        skip: Sequence[str] = (),
        without: Sequence[int] = (),
    ) -> Matches:
        """Find the best matches of one picture, exactly.

        Raises:
            ValueError: No picture is left, a name is unknown, or `top_k` is below 1.
        """
        rows = (~self.among(skip)).nonzero()[:, 0]
        if top_k < 1 or not len(rows):
            raise ValueError(
                f"ranking needs pictures and top_k of at least 1, got {len(rows)} and {top_k}"
            )
        left, right = query_side(query, form).without(without), self.side(form)
        similarity = left.compare(right)[0, rows]
        best = rows[similarity.sort(descending=True, stable=True).indices[:top_k]]
        weights = None if right.weights is None else right.weights[best]
        shares = left.share(Side(right.vectors[best], weights))[0].numpy()
        # Summed again from the shares, so that both agree to the last bit.
        total = shares.sum(axis=1)
        order = np.argsort(-total, kind="stable")
        names = tuple(self.info.names[best[row]] for row in order)
        return Matches(names, total[order], shares[order], len(rows), form)


class SampleGallery:
    """Makes the sample set's gallery when it is first needed."""

    def __init__(
        self,
        folder: Path | None,
        digest: str,
        embed: Callable[[list[Image.Image]], Embedded],
        cache: Path | None = None,
    ) -> None:
        """Note what to embed.

        Args:
            folder: A synthetic set; the shipped one by default.
            digest: Of the checkpoint.
            embed: Runs the network.
            cache: Where embeddings are kept; the environment variable AONET_CACHE or the user's
                cache folder by default.
        """
        self._folder, self._digest, self._embed = folder, digest, embed
        self._cache = cache
        self._lock = threading.Lock()
        self._parts: list[Embedded] = []
        self._gallery: Gallery | None = None

    def ready(self) -> bool:
        """Whether asking for it costs no embedding."""
        return self._gallery is not None or self._file.is_file()

    def get(self, progress: Progress | None = None) -> Gallery:
        """Return the gallery; what a cancelled call has embedded is kept for the next one.

        Raises:
            ValueError: The set has no gallery, or a picture cannot be read.
        """
        with self._lock:
            if self._gallery is None:
                samples = self._samples
                embedded = self._read(len(samples)) or self._make(samples, progress)
                info = GalleryInfo(
                    "sample",
                    tuple(sample.name for sample in samples),
                    tuple(int(sample.pid) for sample in samples),
                    tuple(int(sample.camid) for sample in samples),
                )
                self._gallery = Gallery(info, Embedding(*embedded))
                self._parts = []
            return self._gallery

    @cached_property
    def _samples(self) -> list[Sample]:
        samples = read_samples(self._folder)
        found = [sample for sample in samples.samples.values() if sample.role == "gallery"]
        if not found:
            raise ValueError(f"the samples in {samples.folder} have no gallery")
        return found

    @cached_property
    def _file(self) -> Path:
        """Where the embeddings are kept: named by checkpoint and by the set's content."""
        content = hashlib.sha256(self._digest.encode())
        sums = (self._folder or SAMPLE_FOLDER) / "SHA256SUMS"
        if sums.is_file():
            content.update(sums.read_bytes())
        else:
            for sample in self._samples:
                state = sample.path.stat()
                content.update(f"{sample.name} {state.st_size} {state.st_mtime_ns}".encode())
        return (self._cache or cache_folder()) / "galleries" / f"{content.hexdigest()[:32]}.npz"

    def _read(self, count: int) -> Embedded | None:
        file = self._file
        if not file.is_file():
            return None
        try:
            with np.load(file, allow_pickle=False) as stored:
                embedded = Embedded(stored["features"], stored["awareness"])
            if len(embedded.features) == count == len(embedded.awareness):
                return embedded
            problem = f"expected {count} pictures, got {len(embedded.features)}"
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            problem = str(error)
        _log.warning("the kept gallery %s is made anew: %s", file.name, problem)
        return None

    def _make(self, samples: list[Sample], progress: Progress | None) -> Embedded:
        for start in range(len(self._parts) * BATCH, len(samples), BATCH):
            batch = samples[start : start + BATCH]
            self._parts.append(self._embed([_open(sample.path) for sample in batch]))
            if progress:
                progress(start + len(batch), len(samples))
        embedded = Embedded(*map(np.concatenate, zip(*self._parts, strict=True)))
        self._write(embedded)
        return embedded

    def _write(self, embedded: Embedded) -> None:
        file = self._file
        part = file.with_name(f"{file.stem}.{os.getpid()}.part")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as stream:
                np.savez(stream, features=embedded.features, awareness=embedded.awareness)
            part.replace(file)
        except OSError as error:
            _log.warning("the gallery is not kept for the next start: %s", error)
            with suppress(OSError):
                part.unlink()


def cache_folder() -> Path:
    """Where this user's computed files are kept."""
    if os.environ.get("AONET_CACHE"):
        return Path(os.environ["AONET_CACHE"])
    from platformdirs import user_cache_path

    return user_cache_path("aonet-lens")


def _open(path: Path) -> Image.Image:
    try:
        with Image.open(path) as image:
            return image.convert("RGB")
    except OSError as error:
        raise ValueError(f"{path} is not a readable image: {error}") from error
