"""Turns an uploaded file into a picture, or says in one sentence why it cannot."""

from __future__ import annotations

from PIL import Image

from aonet_core.data import image_files
from aonet_core.data.image_files import image_size
from aonet_core.errors import ImageError
from aonet_core.occlusion import EditError, check_alpha

__all__ = ["ImageError", "image_size", "read_cutout", "read_image"]


def read_image(data: bytes, name: str) -> tuple[Image.Image, list[str]]:
    """Decode a picture, as `aonet_core.data.image_files.read_image` does for all.

    Args:
        data: The file's content.
        name: The file's name, for messages.

    Returns:
        An RGB picture, and notes on what was done to it that the user should know.

    Raises:
        ImageError: It is no usable picture.
    """
    notes: list[str] = []
    return image_files.read_image(data, name, notes), notes


def read_cutout(data: bytes, name: str) -> tuple[Image.Image, list[str]]:
    """Decode a picture with transparency, as a stamp of the occlusion lab.

    Args:
        data: The file's content.
        name: The file's name, for messages.

    Returns:
        An RGBA picture, and notes as in `read_image`.

    Raises:
        ImageError: As in `read_image`, or it has no alpha, or is opaque or transparent everywhere.
    """
    notes: list[str] = []
    try:
        return check_alpha(image_files.read_image(data, name, notes, keep_alpha=True), name), notes
    except EditError as error:
        raise ImageError(str(error)) from None
