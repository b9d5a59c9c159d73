"""The only caller of the engine, and the only cache."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field

import streamlit as st
from PIL import Image

from aonet_core.engine import (
    Engine,
    ImageError,
    LandmarkAnalysis,
    Sample,
    SampleSet,
    connect,
    landmark_visibility,
    read_image,
    read_samples,
)

UPLOAD = "upload:"
"""Prefix of the keys of uploaded pictures."""


class UserError(Exception):
    """Something the user can mend; the message is one sentence to show."""


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
    visibility: object = field(default=None)


@st.cache_resource(show_spinner=False)
def engine() -> Engine:
    """The engine, shared by all sessions; AONET_CHECKPOINT names another checkpoint."""
    return connect(checkpoint=os.environ.get("AONET_CHECKPOINT", "default"))


def require_engine() -> Engine:
    """The engine, or a sentence about why there is none.

    Raises:
        UserError: The checkpoint is missing or does not fit.
    """
    try:
        return engine()
    except (ValueError, OSError) as error:
        raise UserError(f"The engine could not start: {error}") from error


@st.cache_resource(show_spinner=False)
def samples() -> SampleSet:
    """The samples; AONET_SAMPLES names another synthetic set."""
    return read_samples(os.environ.get("AONET_SAMPLES"))


def uploads() -> dict[str, Photo]:
    """This session's uploaded pictures, by key."""
    return st.session_state.setdefault("uploads", {})


def add_upload(name: str, data: bytes) -> str:
    """Keep an uploaded picture for this session and return its key.

    Raises:
        UserError: The file is no usable picture.
    """
    try:
        image, notes = read_image(data, name)
    except ImageError as error:
        raise UserError(str(error)) from error
    key = UPLOAD + hashlib.sha256(data).hexdigest()[:12]
    uploads()[key] = Photo(key, name, image, tuple(notes))
    return key


def photo(key: str) -> Photo:
    """A sample or an upload by its key.

    Raises:
        UserError: It is not here: an upload of another session, or another set of samples.
    """
    if key in uploads():
        return uploads()[key]
    if key in samples().samples:
        sample = samples().samples[key]
        return _sample_photo(sample)
    if key.startswith(UPLOAD):
        raise UserError("The linked picture was an upload of another session; upload it again.")
    raise UserError(f"There is no sample {key} here; choose one from the list.")


def _sample_photo(sample: Sample) -> Photo:
    try:
        image, notes = read_image(sample.path.read_bytes(), sample.path.name)
    except (ImageError, OSError) as error:
        raise UserError(f"The sample {sample.name} cannot be read: {error}") from error
    return Photo(sample.name, sample.title, image, tuple(notes), sample)


@st.cache_data(max_entries=256, show_spinner=False)
def _analyze(checkpoint: str, key: str, _image: Image.Image) -> LandmarkAnalysis:
    return engine().analyze([_image])[0]


def panel(key: str) -> Panel:
    """Look at a picture; answers are kept by checkpoint and picture.

    Raises:
        UserError: The picture or the engine is not there.
    """
    digest = require_engine().info().digest
    shown = photo(key)
    analysis = _analyze(digest, key, shown.image)
    visibility = None
    if shown.sample and shown.sample.twin:
        twin = photo(shown.sample.twin)
        visibility = landmark_visibility(shown.sample, _analyze(digest, twin.key, twin.image))
    return Panel(shown, analysis, visibility)
