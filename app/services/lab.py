"""What the occlusion lab asks at every stroke: hide, look again, compare."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

from aonet_core import engine as core
from aonet_core.engine import (
    Edit,
    Edited,
    EditError,
    Fill,
    ImageError,
    Rectangle,
)
from app import services
from app.services import Panel, Photo, UserError, visitor

if TYPE_CHECKING:
    import numpy as np

CUTOUT, PERSON = "cutout:", "person:"
"""Prefixes of stamp sources: an uploaded cut-out, and the person cut out of a sample."""


@dataclass(frozen=True)
class Likeness:
    """Similarity to one picture, before and after, split by landmark.

    Attributes:
        title: Which picture.
        before: (K,) shares with nothing hidden; they sum to the similarity.
        after: (K,) shares with parts hidden.
    """

    title: str
    before: np.ndarray
    after: np.ndarray


@dataclass(frozen=True)
class Occluded:
    """A picture before and after parts of it were hidden.

    Attributes:
        before: The picture and what the network sees in it.
        after: The same with parts hidden; its visibility is the true one.
        visible: That visibility, (K,).
        edited: The picture made, its mask and notes.
        edit: What was done.
        to_self: Likeness to the picture with nothing hidden.
        other: The chosen gallery picture, None without one.
        to_other: Likeness to it.
        form: Form of the match.
    """

    before: Panel
    after: Panel
    visible: np.ndarray
    edited: Edited
    edit: Edit
    to_self: Likeness
    other: Photo | None
    to_other: Likeness | None
    form: str


def occlude(key: str, edit: Edit, other: str = "") -> Occluded:
    """Hide parts of a picture and look again: one run of the network.

    Args:
        key: The picture.
        edit: What to hide.
        other: Key of a gallery picture to compare with, "" for none.

    Raises:
        UserError: A picture, the engine, or something that the edit names is not there.
    """
    before = Panel(shown := services.photo(key), services.analysis_of(shown))
    edited = apply(shown.image, edit)
    hidden_photo = Photo(key, f"{shown.title}, {100 * edited.hidden:.0f} % hidden", edited.image)
    after = services.analysis_of(hidden_photo)
    visibility = 1 - core.hidden_landmarks(before.analysis, edited.mask)
    targets = [before.analysis]
    match = services.photo(other) if other else None
    if match:
        targets.append(services.analysis_of(match))
    pair = core.embedded([before.analysis, after])
    comparison = services.engine().compare(pair, core.embedded(targets))
    likenesses = [
        Likeness(title, comparison.shares[0, column], comparison.shares[1, column])
        for column, title in enumerate(("itself, nothing hidden", other)[: len(targets)])
    ]
    return Occluded(
        before,
        Panel(hidden_photo, after, visibility),
        visibility,
        edited,
        edit,
        likenesses[0],
        match,
        likenesses[1] if match else None,
        comparison.form,
    )


def apply(image: Image.Image, edit: Edit) -> Edited:
    """Hide parts of a picture.

    Raises:
        UserError: It cannot be done, or something that the edit names is not here.
    """
    try:
        return core.apply_edit(image, edit, {key: find(key) for key in core.sources(edit)})
    except EditError as error:
        raise UserError(str(error)) from error


def filled(image: Image.Image, fill: Fill, seed: int) -> Image.Image:
    """The picture wholly replaced by its filling.

    Raises:
        UserError: As `apply`.
    """
    return apply(image, Edit((Rectangle(0, 0, *image.size),), fill, seed)).image


def find(source: str) -> Image.Image:
    """The picture that a stamp or a filling names.

    Raises:
        UserError: It is not here.
    """
    if source.startswith(CUTOUT):
        if source not in cutouts():
            raise UserError("A cut-out was uploaded in another session; upload it again.")
        return cutouts()[source].image
    if source.startswith(PERSON):
        person = core.sample_cutout(_sample(source.removeprefix(PERSON)))
        if person is None:
            raise UserError(f"The person of {source.removeprefix(PERSON)} cannot be cut out.")
        return person
    return services.photo(source).image


def _sample(name: str) -> core.Sample:
    if name not in services.samples().samples:
        raise UserError(f"There is no sample {name} here; choose one from the list.")
    return services.samples().samples[name]


def cutouts() -> dict[str, Photo]:
    """This visitor's uploaded cut-outs, RGBA, by source name."""
    return dict(visitor.belongings().cutouts)


def add_cutout(name: str, data: bytes) -> str:
    """Keep an uploaded cut-out of this visitor and return its source name.

    Raises:
        UserError: It is no usable picture, or has no alpha.
    """
    try:
        image, _ = core.read_cutout(data, name := core.readable(name))
    except ImageError as error:
        raise UserError(str(error)) from error
    image.thumbnail((services.LARGEST_KEPT, services.LARGEST_KEPT))
    source = CUTOUT + hashlib.sha256(data).hexdigest()[:12]
    visitor.put("cutouts", source, Photo(source, name, image))
    return source


def stamps(named: Iterable[str]) -> dict[str, tuple[str, Image.Image]]:
    """Title and picture of every cut-out to choose from, by source name.

    Args:
        named: Sources besides the shipped and the uploaded ones; what is not here is left out.
    """
    pictures = {
        source: (_title(source), core.shipped_picture(source))
        for source in core.shipped_occluders()
    }
    pictures |= {source: (photo.title, photo.image) for source, photo in cutouts().items()}
    for source in named:
        try:
            pictures.setdefault(source, (_title(source), find(source)))
        except UserError:
            continue  # told where the edit is applied
    return pictures


def _title(source: str) -> str:
    return source.partition(":")[2].replace("_", " ")
