"""The shipped occluders: cut-outs of the things that stand before people in the synthetic set.

`python -m aonet_core.synthetic.cutouts` renders them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image

from aonet_core.data.image_files import read_image
from aonet_core.files import shipped_path
from aonet_core.occlusion.shapes import EditError

SHIPPED = "occluder:"
"""Prefix of their names as sources of stamps."""
FOLDER = shipped_path("assets/occluders")


@dataclass(frozen=True)
class Occluder:
    """A shipped cut-out.

    Attributes:
        source: Its name for a `Stamp`.
        kind: What it is, as in the synthetic set.
        width, height: Its extent in metres.
        path: The PNG file with alpha.
        sha256: Digest of the file.
    """

    source: str
    kind: str
    width: float
    height: float
    path: Path
    sha256: str


@lru_cache(maxsize=1)
def shipped_occluders() -> dict[str, Occluder]:
    """List the shipped occluders by source name; empty where none are shipped."""
    file = FOLDER / "occluders.json"
    if not file.is_file():
        return {}
    entries = json.loads(file.read_text(encoding="utf-8"))
    return {
        SHIPPED + name: Occluder(
            SHIPPED + name,
            entry["kind"],
            entry["metres"][0],
            entry["metres"][1],
            FOLDER / f"{name}.png",
            entry["sha256"],
        )
        for name, entry in entries.items()
    }


@lru_cache(maxsize=32)
def shipped_picture(source: str) -> Image.Image:
    """Return a shipped occluder, RGBA.

    Raises:
        EditError: There is none of that name, or its file is not the one that was shipped.
    """
    occluder = shipped_occluders().get(source)
    if occluder is None:
        names = ", ".join(name.removeprefix(SHIPPED) for name in shipped_occluders())
        raise EditError(f"There is no occluder {source.removeprefix(SHIPPED)}: expected {names}.")
    try:
        data = occluder.path.read_bytes()
    except OSError as error:
        raise EditError(f"The occluder {occluder.path.name} cannot be read: {error}.") from error
    if hashlib.sha256(data).hexdigest() != occluder.sha256:
        raise EditError(f"The occluder {occluder.path.name} is not the file that was shipped.")
    return read_image(data, occluder.path.name, keep_alpha=True).convert("RGBA")
