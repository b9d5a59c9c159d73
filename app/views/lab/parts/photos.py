"""The photo, and the wholly filled photo, as the lab shows them."""

from __future__ import annotations

import streamlit as st
from PIL import Image

from aonet_core.engine import Fill
from app.services import Photo, lab
from app.shared.overlay import data_uri

LARGEST = 1024
"""Longest side of the photo as it is shown, in pixels; shapes keep the photo's own."""


def photo_uri(photo: Photo) -> str:
    """The photo as the page shows it."""
    return _photo_uri(photo.key, photo.image)


@st.cache_data(max_entries=24, show_spinner=False)
def _photo_uri(key: str, _image: Image.Image) -> str:
    return _uri(_image)


def _uri(image: Image.Image) -> str:
    image = image.copy()
    image.thumbnail((LARGEST, LARGEST))
    return data_uri(image, quality=92)


def filled_uri(photo: Photo, fill: Fill, seed: int) -> str:
    """The photo with every pixel filled, as the page shows it.

    Raises:
        UserError: The filling's picture is not here.
    """
    return _filled_uri(photo.key, fill, seed, photo.image)


@st.cache_data(max_entries=24, show_spinner=False)
def _filled_uri(key: str, fill: Fill, seed: int, _image: Image.Image) -> str:
    return _uri(lab.filled(_image, fill, seed))
