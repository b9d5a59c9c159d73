"""A query's similarity to the whole gallery, landmark by landmark."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from aonet_core.engine import Embedded, MatchOptions, picture_digest
from app import services
from app.services import galleries, retrieval


@dataclass(frozen=True)
class Similarities:
    """How alike a query is to all pictures that count.

    Attributes:
        genuine: Similarities to pictures of the same person.
        impostor: To those of others; to all where the truth is not known.
    """

    genuine: np.ndarray
    impostor: np.ndarray


def similarities(query: retrieval.Query, gallery_name: str, options: MatchOptions) -> Similarities:
    """A query's similarity to every gallery picture before any re-ranking, junk left out.

    Raises:
        UserError: Something is not there.
    """
    info = galleries.gallery(gallery_name)
    kinds = retrieval.verdicts(query, info)
    first = replace(options, rerank=False)
    similarity = shares(query, gallery_name, info.revision, first).sum(axis=1)
    right = kinds == "right"
    other = ~right & (kinds != "junk") & (kinds != "self")
    return Similarities(similarity[right], similarity[other])


def shares(
    query: retrieval.Query, gallery_name: str, revision: int, options: MatchOptions
) -> np.ndarray:
    """The part (G, K) of each landmark in the similarity to every gallery picture."""
    picture = picture_digest(query.panel.photo.image)
    return _shares(services.info().digest, gallery_name, revision, picture, options, query.embedded)


@st.cache_data(max_entries=32, show_spinner=False)
def _shares(
    checkpoint: str,
    gallery_name: str,
    revision: int,
    picture: str,
    options: MatchOptions,
    _query: Embedded,
) -> np.ndarray:
    return services.ask(lambda engine: engine.shares(_query, gallery_name, options))
