"""The only caller of the engine, and the only cache."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from PIL import Image

from aonet_core.engine import (
    ImageError,
    LandmarkAnalysis,
    Sample,
    SampleSet,
    landmark_visibility,
    picture_digest,
    read_image,
    read_samples,
    readable,
)
from app.services import visitor
from app.services.connection import Away, Empty, UserError, ask, engine, info, ready
from app.services.jobs import jobs

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Away", "Empty", "UserError", "ask", "engine", "info", "ready"]
"""What other modules know by this one's name."""

UPLOAD = "upload:"
"""Prefix of the keys of uploaded pictures."""
LARGEST_KEPT = 2048
"""Longest side in pixels of a kept upload: the network sees far less."""


@dataclass(frozen=True)
class Photo:
    """A picture to look at.

    Attributes:
        key: Name of the sample, or `UPLOAD` and the digest.
        title: What to call it on the page.
        image: RGB.
        notes: What was done to it on reading.
        sample: The sample it is, None for an upload.
    """

    key: str
    title: str
    image: Image.Image
    notes: tuple[str, ...] = ()
    sample: Sample | None = None


@dataclass(frozen=True)
class Panel:
    """A picture with everything the network says about it.

    Attributes:
        photo: The picture.
        analysis: What the network sees.
        visibility: True visibility (K,) of its landmarks where it is known.
    """

    photo: Photo
    analysis: LandmarkAnalysis
    visibility: np.ndarray | None = None


NO_SAMPLES = (
    "The installed package brings no samples: upload a photo, or draw some with `aonet synth "
    "--identities 0 --validation 0 --test 10 --out FOLDER` and open them with `aonet app --samples "
    "FOLDER`."
)


@st.cache_resource(show_spinner=False)
def _read_samples() -> tuple[SampleSet, str]:
    folder = os.environ.get("AONET_SAMPLES")
    try:
        sample_set = read_samples(folder)
        return sample_set, "" if sample_set or folder else NO_SAMPLES
    except ValueError as error:
        return SampleSet(Path(folder or "sample_data"), {}), f"There are no samples: {error}."


def samples() -> SampleSet:
    """The samples; the environment variable AONET_SAMPLES names another synthetic set."""
    return _read_samples()[0]


def sample_problem() -> str:
    """Why there are no samples though there should be; "" where all is well."""
    return _read_samples()[1]


def uploads() -> dict[str, Photo]:
    """This visitor's uploaded pictures, by key."""
    return dict(visitor.belongings().uploads)


def add_upload(name: str, data: bytes) -> str:
    """Keep an uploaded picture of this visitor and return its key.

    Raises:
        UserError: The file is no usable picture.
    """
    try:
        image, notes = read_image(data, name := readable(name))
    except ImageError as error:
        raise UserError(str(error)) from error
    if max(image.size) > LARGEST_KEPT:
        notes = [*notes, f"{name} was shrunk to {LARGEST_KEPT} pixels on its longer side."]
        image.thumbnail((LARGEST_KEPT, LARGEST_KEPT))
    key = UPLOAD + hashlib.sha256(data).hexdigest()[:12]
    photos = uploads()
    if key not in photos:
        photo = Photo(key, _unlike(name, photos.values()), image, tuple(notes))
        visitor.put("uploads", key, photo)
    return key


def add_uploads(files: Iterable | None) -> tuple[list[str], list[str]]:
    """Keep what an upload widget holds; what cannot be read is told and left out.

    Args:
        files: Files with a name and `getvalue()`; None for none.

    Returns:
        Keys of pictures that were not there before, and sentences about files that are none.
    """
    before, fresh, problems = set(uploads()), [], []
    for file in files or ():
        try:
            key = add_upload(file.name, file.getvalue())
        except UserError as error:
            problems.append(str(error))
            continue
        if key not in before and key not in fresh:
            fresh.append(key)
    return fresh, problems


def _unlike(name: str, photos: Iterable[Photo]) -> str:
    """A title that no other picture has: a menu tells its entries apart by their titles."""
    taken = {photo.title for photo in photos}
    return next(t for n in count(1) if (t := f"{name} #{n}" if n > 1 else name) not in taken)


def photo(key: str) -> Photo:
    """A sample or an upload by its key.

    Raises:
        UserError: It is not here: an upload of another session, or another set of samples.
    """
    if key.startswith(UPLOAD):
        if key not in uploads():
            raise UserError("The linked picture was uploaded in another session; upload it again.")
        return uploads()[key]
    sample = samples().samples.get(key)
    if sample is None:
        raise UserError(f"There is no sample {key} here; choose one from the list.")
    try:
        image, notes = read_image(sample.path.read_bytes(), sample.path.name)
    except (ImageError, OSError) as error:
        raise UserError(f"The sample {sample.name} cannot be read: {error}") from error
    return Photo(sample.name, sample.title, image, tuple(notes), sample)


@st.cache_data(max_entries=96, show_spinner=False)
def _analyze(checkpoint: str, picture: str, _image: Image.Image) -> LandmarkAnalysis:
    analysis = engine().analyze([_image])[0]
    jobs().measured(1, analysis.milliseconds / 1000)
    return analysis


def analysis_of(shown: Photo) -> LandmarkAnalysis:
    """What the network sees in a picture, from the cache where it has looked before."""
    return _analyze(info().digest, picture_digest(shown.image), shown.image)


def panel(key: str) -> Panel:
    """Look at a picture.

    Raises:
        UserError: The picture or the engine is not there.
    """
    return panel_of(photo(key))


def panel_of(shown: Photo) -> Panel:
    """Look at a picture that is at hand.

    Raises:
        UserError: The engine is not there.
    """
    return panel_by(shown, analysis_of)


def panel_by(shown: Photo, analysis: Callable[[Photo], LandmarkAnalysis]) -> Panel:
    """A picture with what is said of it, and of its twin where that tells the truth."""
    said, visibility = analysis(shown), None
    if shown.sample and shown.sample.twin:
        twin = analysis(photo(shown.sample.twin))
        visibility = landmark_visibility(shown.sample, twin)
    return Panel(shown, said, visibility)


def look(keys: list[str]) -> tuple[list[Panel], list[str]]:
    """Look at pictures: the panels of those that can be shown, and a sentence for each other."""
    panels, problems = [], []
    for key in keys:
        try:
            panels.append(panel(key))
        except UserError as error:
            problems.append(str(error))
    return panels, list(dict.fromkeys(problems))
