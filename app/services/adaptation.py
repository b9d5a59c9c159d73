"""A network of this session's own, fitted to its pictures; and how unlike pictures look."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import streamlit as st

from aonet_core.engine import (
    FEWEST_TO_ADAPT,
    EngineInfo,
    Progress,
    adapt_checkpoint,
    familiar_of,
)
from app import services
from app.services import Panel, Photo, UserError, compare, connection, galleries

FEWEST = FEWEST_TO_ADAPT
MOST = 1000
"""Pictures of a gallery that are looked at, evenly spaced."""
CHOSEN = "adapted_chosen"
"""Key of the choice of a network in the session's state."""
UPLOADS = ""
"""What stands for the session's uploads where a gallery may be chosen."""


@dataclass(frozen=True)
class Own:
    """An adapted network of this session.

    Attributes:
        path: Of its checkpoint.
        title: What to call it.
        said: What its card says of the adaptation.
    """

    path: str
    title: str
    said: dict


@dataclass(frozen=True)
class Shift:
    """How unlike the pictures of its training some look to a network.

    Attributes:
        values: (N,) in spreads of the best logits below the typical.
        limit: What all but 1 % of the pictures that it knows stay below.
    """

    values: np.ndarray
    limit: float

    @property
    def beyond(self) -> int:
        """How many lie beyond the limit."""
        return int((self.values > self.limit).sum())


def shift(panels: list[Panel], info: EngineInfo) -> Shift | None:
    """How unlike uploads look; None without any, or where the checkpoint's card does not tell.

    Raises:
        UserError: The card is damaged.
    """
    try:
        known = familiar_of(info.card)
    except ValueError as error:
        raise UserError(connection.sentence(error)) from error
    logits = [panel.analysis.best_logit for panel in panels if panel.photo.sample is None]
    if known is None or not logits:
        return None
    return Shift(known.shift(np.stack(logits)), known.limit)


def refusal() -> str:
    """Why nothing can be adapted here; "" where it can."""
    if connection.address():
        return (
            "The engine runs elsewhere: adapt there with `python -m aonet_core adapt`, and serve "
            "the result beside the other with `--checkpoint mine=PATH`."
        )
    return ""


def work(gallery: str) -> tuple[int, Callable[[Progress], Own]]:
    """What is needed to adapt to the uploads, or to a gallery's pictures.

    Args:
        gallery: Its name; `UPLOADS` for this session's uploads.

    Returns:
        How many pictures they are, and what does it: without this session, in any thread.

    Raises:
        UserError: There is no such gallery.
    """
    checkpoint = os.environ.get("AONET_CHECKPOINT") or "default"
    out = _folder() / f"adapted-{len(networks()) + 1}"
    if gallery == UPLOADS:
        photos = list(services.uploads().values())
        title, read = "your uploads", lambda: [(each.title, _png(each)) for each in photos]
        count = len(photos)
    else:
        names = galleries.gallery(gallery).names
        chosen = names[:: max(1, -(-len(names) // MOST))]
        title, count = f"the gallery {gallery}", len(chosen)

        def read() -> list[tuple[str, bytes]]:
            return [(name, _png(galleries.photo(gallery, name))) for name in chosen]

    def adapt(progress: Progress) -> Own:
        try:
            path, said = adapt_checkpoint(checkpoint, read(), out, progress)
        except (ValueError, OSError) as error:
            raise UserError(connection.sentence(error)) from error
        return Own(str(path), f"adapted to {title}", said)

    return count, adapt


def networks() -> list[Own]:
    """This session's adapted networks, oldest first; nobody else sees them."""
    return st.session_state.setdefault("adapted", [])


def keep(own: Own) -> None:
    """Remember a network and use it from now on."""
    if all(each.path != own.path for each in networks()):
        networks().append(own)
        st.session_state["adapted_next"] = own.path


def turn() -> None:
    """Take up what was adapted last; to be called before the choice is drawn."""
    if "adapted_next" in st.session_state:
        st.session_state[CHOSEN] = st.session_state.pop("adapted_next")


def chosen() -> str:
    """Path of the network in use; "" for the running one."""
    path = st.session_state.get(CHOSEN) or ""
    return path if any(each.path == path for each in networks()) else ""


def undo() -> None:
    """Forget the newest adapted network."""
    if networks():
        gone = networks().pop()
        Path(gone.path).unlink(missing_ok=True)
        Path(gone.path).with_suffix(".json").unlink(missing_ok=True)
    st.session_state["adapted_next"] = ""


def info() -> EngineInfo:
    """What the network in use is."""
    return compare.info(chosen()) if chosen() else services.info()


def look(keys: list[str]) -> tuple[list[Panel], list[str]]:
    """Look at pictures with the network in use: panels, and a sentence for each other."""
    if not chosen():
        return services.look(keys)
    panels, problems = [], []
    for key in keys:
        try:
            panels.append(compare.look(chosen(), services.photo(key)))
        except UserError as error:
            problems.append(str(error))
    return panels, problems


def download(own: Own) -> bytes:
    """Weights and card of a network as a ZIP file."""
    import zipfile

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for path in (Path(own.path), Path(own.path).with_suffix(".json")):
            archive.write(path, path.name)
    return file.getvalue()


def _folder() -> Path:
    """Where this session's networks lie; gone with the session."""
    if "adapted_folder" not in st.session_state:
        st.session_state["adapted_folder"] = TemporaryDirectory(prefix="aonet-adapted-")
    return Path(st.session_state["adapted_folder"].name)


def _png(photo: Photo) -> bytes:
    file = io.BytesIO()
    photo.image.save(file, "PNG", compress_level=1)
    return file.getvalue()
