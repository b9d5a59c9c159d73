"""The answer about the first pictures that a page shows, kept so that it waits for no network."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from aonet_core.cache import DAMAGED, cache_folder, write_arrays
from aonet_core.engine.protocol import Engine
from aonet_core.model.checkpoint import find_checkpoint, read_card
from aonet_core.results.landmarks import EngineInfo, LandmarkAnalysis

VERSION = 1
"""Raised when what is kept, or how it is computed, changes."""
SUFFIX = ".first.npz"
MAPS = ("landmark_logits", "average_logit", "response_map", "referenced_response_map",
        "awareness", "weight")  # fmt: skip
"""Fields of an analysis that are kept: what is drawn."""
FEATURES = ("sl_features", "oa_features", "landmark_features", "attended_features",
            "retrieval_features")  # fmt: skip
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FirstAnswer:
    """What an engine said of a few pictures.

    Attributes:
        info: What ran.
        analyses: By `picture_digest`; without features, which have no channels here.
    """

    info: EngineInfo
    analyses: dict[str, LandmarkAnalysis]


def picture_digest(image: Image.Image) -> str:
    """What tells one picture's content from another's."""
    return hashlib.sha256(repr(image.size).encode() + image.tobytes()).hexdigest()


def kept_first_answer(checkpoint: str | Path = "default") -> FirstAnswer | None:
    """Read what was kept of a checkpoint, in the user's cache or beside it; None for nothing.

    What belongs to other weights is nothing. Torch is not needed.

    Raises:
        FileNotFoundError, ValueError: As in `read_card`.
    """
    card = read_card(checkpoint)
    for file in (_cached(card["sha256"]), shipped_first_answer(checkpoint)):
        if not file.is_file():
            continue
        try:
            with np.load(file, allow_pickle=False) as stored:
                answer = _unpacked(dict(stored), card)
        except DAMAGED as error:
            _log.warning("the kept answer %s is left aside: %s", file.name, error)
            continue
        if answer is not None:
            return answer
    return None


def keep_first_answer(
    engine: Engine, pictures: Sequence[Image.Image], file: Path | None = None
) -> Path:
    """Ask an engine about pictures and keep what it says.

    Args:
        engine: To ask.
        pictures: In RGB.
        file: Where to; in the user's cache by default.
    """
    info = engine.info()
    file = file or _cached(info.digest)
    fields = asdict(info)
    del fields["card"], fields["metrics"]
    names = [picture_digest(picture) for picture in pictures]
    header = {"version": VERSION, "info": fields, "pictures": names}
    arrays = {"plain": np.array(json.dumps(header))}
    for number, analysis in enumerate(engine.analyze(pictures)):
        arrays |= {f"{number}.{name}": getattr(analysis, name) for name in MAPS}
    write_arrays(file, arrays, "first answer")
    return file


def shipped_first_answer(checkpoint: str | Path = "default") -> Path:
    """Where it lies that comes with a checkpoint: beside it."""
    path = find_checkpoint(checkpoint)
    return path.with_name(path.stem + SUFFIX)


def _cached(digest: str) -> Path:
    return cache_folder() / "first" / f"{digest[:32]}{SUFFIX}"


def _unpacked(arrays: dict[str, np.ndarray], card: dict) -> FirstAnswer | None:
    header = json.loads(str(arrays["plain"]))
    fields = header["info"]
    if header["version"] != VERSION or fields["digest"] != card["sha256"]:
        return None
    fields |= {name: tuple(fields[name]) for name in ("image_size", "map_size")}
    info = EngineInfo(**fields, card=card, metrics=card.get("metrics") or {})
    analyses = {}
    for number, digest in enumerate(header["pictures"]):
        maps = {name: arrays[f"{number}.{name}"] for name in MAPS}
        none = np.zeros((len(maps["awareness"]), 0), np.float32)
        analyses[digest] = LandmarkAnalysis(
            feature_map=np.zeros((0, *info.map_size), np.float32),
            milliseconds=float("nan"),
            **maps,
            **dict.fromkeys(FEATURES, none),
        )
    return FirstAnswer(info, analyses)
