"""Galleries and their pictures, as the pages ask for them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from aonet_core.engine import BuildReport, GalleryEntry, GalleryInfo, Progress, readable
from app import services
from app.services import Photo, UserError, networks

SAMPLE = "sample"
MEMBER = "member:"
"""Prefix of the keys of pictures that belong to the chosen gallery, other than the samples."""
Source = Path | bytes | Sequence[tuple[str, bytes]]
"""A folder or ZIP file, a ZIP file's bytes, or pictures by file name."""
THUMBNAIL = 208
"""Height of a thumbnail, in pixels."""


def gallery(name: str, progress: Progress | None = None) -> GalleryInfo:
    """What a gallery holds; it is made first where need be.

    Raises:
        UserError: There is no such gallery, or it cannot be used.
    """
    return services.ask(lambda engine: engine.gallery(name, progress=progress))


def queries(name: str) -> GalleryInfo:
    """The query pictures that a gallery's set brings.

    Raises:
        UserError: As `gallery`.
    """
    return services.ask(lambda engine: engine.queries(name))


def photo(gallery_name: str, name: str) -> Photo:
    """A picture of a gallery or of its queries.

    Raises:
        UserError: It is not there or cannot be read.
    """
    if gallery_name == SAMPLE:
        return services.photo(name)
    image = services.ask(lambda engine: engine.picture(gallery_name, name))
    return Photo(MEMBER + name, readable(name), image)


@st.cache_data(max_entries=2000, show_spinner=False)
def thumbnail(gallery_name: str, revision: int, name: str) -> str:
    """A gallery picture as a data URI; `revision` is the gallery's."""
    data = services.ask(lambda engine: engine.thumbnail(gallery_name, name, THUMBNAIL))
    return "data:image/jpeg;base64," + base64.b64encode(data).decode()


def labels(gallery_name: str, name: str) -> tuple[int, int]:
    """Identity and camera of a picture of a gallery or of its queries.

    Raises:
        UserError: It is not there.
    """
    for info in (queries(gallery_name), gallery(gallery_name)):
        if name in info.names:
            at = info.names.index(name)
            return info.pids[at], info.camids[at]
    raise UserError(f"The gallery {gallery_name} has no picture {name}.")


def title_of(info: GalleryInfo, row: int) -> str:
    """A gallery picture in a few words: identity and camera where known, else its name."""
    pid, camid = info.pids[row], info.camids[row]
    parts = []
    if pid or info.name == SAMPLE:
        parts.append(f"{pid:04d}" if pid else "distractor")
    if camid:
        parts.append(f"c{camid}")
    if pid or info.name == SAMPLE:
        return " ".join(parts)
    return readable(info.names[row].rpartition("/")[2])


def ready(name: str) -> bool:
    """Whether a gallery can be used without looking at its pictures first.

    Raises:
        UserError: There is no such gallery.
    """
    return services.ask(lambda engine: engine.gallery_ready(name))


def size(name: str, role: str = "") -> int:
    """How many pictures a gallery and its queries are, or will be; 0 where there is none.

    Args:
        name: Of the gallery.
        role: "gallery" or "query" for those alone.
    """
    entry = next((each for each in listed() if each.name == name), GalleryEntry(name))
    counts = {"gallery": entry.count, "query": entry.queries}
    return counts.get(role, sum(counts.values()))


def listed() -> list[GalleryEntry]:
    """All galleries, those included that cannot be used and why.

    Raises:
        UserError: They cannot be listed.
    """
    return services.ask(lambda engine: engine.galleries())


def titles() -> dict[str, str]:
    """What galleries are called, by name; the sample set's alone until the network is there."""
    if not services.ready():
        return {SAMPLE: "the samples"}
    entries = {entry.name: entry for entry in listed()}
    return {
        name: f"{'the samples' if name == SAMPLE else name}"
        + ("" if entry.usable else " (cannot be used)")
        for name, entry in entries.items()
    }


def query_titles(name: str) -> dict[str, str]:
    """What can be looked for in a gallery besides uploads, by key: queries, else its pictures."""
    try:
        # Names are the same whichever network looks, and the one that runs has looked.
        with networks.using(networks.RUNNING):
            info = queries(name)
            info = info if info.names else gallery(name)
    except UserError:
        return {}  # told where the gallery is used
    return {MEMBER + member: title_of(info, row) for row, member in enumerate(info.names)}


def first_query(name: str) -> str:
    """A query to begin with, "" where there is none."""
    if name == SAMPLE:
        return (services.samples().default_pair() or ("",))[0]
    return next(iter(query_titles(name)), "")


def build(name: str, source: Source, progress: Progress) -> BuildReport:
    """Make a gallery, or add to one; what was done before a stop or a failure stays.

    Raises:
        UserError: The source cannot be read, the name is no good, the disk is full, or another
            process is writing.
    """
    return services.ask(lambda engine: engine.build_gallery(name, source, progress=progress))


def delete(name: str) -> None:
    """Delete a gallery; the pictures it was made from stay where they are.

    Raises:
        UserError: It cannot be deleted.
    """
    services.ask(lambda engine: engine.delete_gallery(name))


def at_home() -> bool:
    """Whether only visitors at this very machine can reach the application."""
    return st.get_option("server.address") in ("localhost", "127.0.0.1", "::1")
