"""How alike two images are, and what each landmark contributes (Eq. 8).

With u_k = beta_k f_k / |f_k| / sqrt(K), Eq. 8 is one inner product of the concatenated u_k: a
single matrix product for all pairs, and the share of a landmark is its part of that product.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from aonet_core.retrieval.embedding import Embedding

TINY = 1e-12


@dataclass(frozen=True)
class Form:
    """A way to weight landmarks in the match, as weights (N, K) of either side.

    Attributes:
        query: Maps the query's awareness (Q, K) to its landmarks' weights.
        gallery: The same for the gallery.
        normalised: Divide by the sum over landmarks of the weight products; else by K.
        meaning: One line for people.
    """

    query: Callable[[Tensor], Tensor]
    gallery: Callable[[Tensor], Tensor]
    normalised: bool
    meaning: str


def _keep(awareness: Tensor) -> Tensor:
    return awareness


FORMS = {
    "eq8": Form(_keep, _keep, False, "Eq. 8 as printed: mean of awareness-weighted cosines"),
    "normalised": Form(_keep, _keep, True, "Eq. 8 divided by the sum of the weight products"),
    "unweighted": Form(torch.ones_like, torch.ones_like, False, "mean of the landmarks' cosines"),
    "query_weighted": Form(_keep, torch.ones_like, True, "weighted by the query's awareness alone"),
}
"""Every form of the match, by name."""


def similarity(query: Embedding, gallery: Embedding, form: str = "eq8") -> Tensor:
    """Compare every query with every gallery image; higher is more alike.

    Args:
        query: Q images.
        gallery: G images.
        form: Key of `FORMS`.

    Returns:
        (Q, G) float32, in [-1, 1].

    Raises:
        ValueError: Landmarks or channels differ, or the form is unknown.
    """
    weights = _check(query, gallery, form)
    left, right = weighted_vectors(query, form, "query"), weighted_vectors(gallery, form, "gallery")
    product = left.flatten(1) @ right.flatten(1).T
    return product / (weights[0] @ weights[1].T).clamp_min(TINY) if weights else product


def landmark_share(query: Embedding, gallery: Embedding, form: str = "eq8") -> Tensor:
    """Split the similarity by landmark; for the pairs on screen, not for whole galleries.

    Args:
        query: Q images.
        gallery: G images.
        form: Key of `FORMS`.

    Returns:
        (Q, G, K) float32 that sums over the landmarks to the similarity.

    Raises:
        ValueError: As in `similarity`.
    """
    weights = _check(query, gallery, form)
    left, right = weighted_vectors(query, form, "query"), weighted_vectors(gallery, form, "gallery")
    share = torch.einsum("qkc,gkc->qgk", left, right)
    if weights:
        share = share / (weights[0] @ weights[1].T).clamp_min(TINY)[:, :, None]
    return share


def weighted_vectors(embedding: Embedding, form: str, side: str) -> Tensor:
    """The vectors u_k (N, K, C) whose inner products make the numerator of the similarity."""
    chosen = FORMS[form]
    weight = getattr(chosen, side)(embedding.awareness.float())  # (N, K)
    scale = 1.0 if chosen.normalised else weight.shape[1] ** -0.5
    direction = functional.normalize(embedding.features.float(), dim=2, eps=TINY)
    return direction * (weight * scale)[:, :, None]


def form_weights(embedding: Embedding, form: str, side: str) -> Tensor:
    """The weights (N, K) of one side, for the denominator of a normalised form."""
    return getattr(FORMS[form], side)(embedding.awareness.float())


def _check(query: Embedding, gallery: Embedding, form: str) -> tuple[Tensor, Tensor] | None:
    """Return the weights of both sides if the form is normalised."""
    if form not in FORMS:
        raise ValueError(f"form must be one of {', '.join(FORMS)}, got {form!r}")
    if query.features.shape[1:] != gallery.features.shape[1:]:
        raise ValueError(
            "query and gallery must have the same landmarks and channels, got "
            f"{tuple(query.features.shape[1:])} and {tuple(gallery.features.shape[1:])}"
        )
    if not FORMS[form].normalised:
        return None
    return form_weights(query, form, "query"), form_weights(gallery, form, "gallery")
