"""How alike two images are, and what each landmark contributes (Eq. 8).

With u_k = beta_k f_k / |f_k| / sqrt(K), Eq. 8 is one inner product of the concatenated u_k: a
single matrix product for all pairs, and the share of a landmark is its part of that product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from aonet_core.errors import check_choice
from aonet_core.retrieval.embedding import Embedding

TINY = 1e-12
QUERY_BLOCK = 256
GALLERY_BLOCK = 4096
MAX_BLOCK = 1 << 25
"""Similarities that are held at once: 128 MiB."""


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


@dataclass(frozen=True)
class Side:
    """One side of the match, ready to be compared.

    Attributes:
        vectors: (N, K, C) float32 u_k, whose inner products make the numerator.
        weights: (N, K) whose inner products make the denominator; None where the form has none.
    """

    vectors: Tensor
    weights: Tensor | None

    @property
    def divisors(self) -> Tensor:
        """The weights (N, K).

        Raises:
            ValueError: The form has none.
        """
        if self.weights is None:
            raise ValueError("sides of different forms of the match cannot be compared")
        return self.weights

    def compare(self, other: Side) -> Tensor:
        """Similarity (N, M) of every image here to every image there."""
        product = self.vectors.flatten(1) @ other.vectors.flatten(1).T
        return product if self.weights is None else product.div_(self._total(other))

    def share(self, other: Side) -> Tensor:
        """The part (N, M, K) of each landmark in the similarity."""
        share = torch.einsum("qkc,gkc->qgk", self.vectors, other.vectors)
        return share if self.weights is None else share.div_(self._total(other)[:, :, None])

    def paired_share(self, other: Side) -> Tensor:
        """The part (N, K) of each landmark in the similarity of image i here to image i there."""
        share = (self.vectors * other.vectors).sum(dim=2)
        if self.weights is None:
            return share
        return share / (self.weights * other.divisors).sum(dim=1, keepdim=True).clamp_min(TINY)

    def paired_weight(self, other: Side) -> Tensor | None:
        """The part (N, K) of each landmark in the weights of a pair; None where none divides."""
        if self.weights is None:
            return None
        product = self.weights.double() * other.divisors
        return product / product.sum(dim=1, keepdim=True).clamp_min(TINY)

    def without(self, landmarks: Sequence[int]) -> Side:
        """Return the same with the weight of some landmarks set to 0."""
        factors = torch.ones(self.vectors.shape[1], device=self.vectors.device)
        factors[list(landmarks)] = 0.0
        weights = None if self.weights is None else self.weights * factors
        return Side(self.vectors * factors[:, None], weights)

    def _total(self, other: Side) -> Tensor:
        return (self.divisors @ other.divisors.T).clamp_min_(TINY)


def query_side(embedding: Embedding, form: str = "eq8") -> Side:
    """Weight an embedding as the query of a form of the match."""
    return _weigh(embedding, FORMS[form].query, FORMS[form].normalised)


def gallery_side(embedding: Embedding, form: str = "eq8") -> Side:
    """Weight an embedding as the gallery of a form of the match."""
    return _weigh(embedding, FORMS[form].gallery, FORMS[form].normalised)


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

    Examples:
        Two landmarks, of which the second is hidden in the query:

        >>> features = torch.tensor([[[1.0, 0.0], [0.0, 1.0]]])
        >>> query = Embedding(features, torch.tensor([[1.0, 0.0]]))
        >>> gallery = Embedding(features, torch.tensor([[1.0, 1.0]]))
        >>> [round(similarity(query, gallery, form).item(), 3) for form in ("eq8", "normalised")]
        [0.5, 1.0]
    """
    check_match(query, gallery, form)
    return query_side(query, form).compare(gallery_side(gallery, form))


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
    check_match(query, gallery, form)
    return query_side(query, form).share(gallery_side(gallery, form))


def similarity_blocks(
    query: Embedding,
    gallery: Embedding,
    form: str = "eq8",
    query_block: int | None = None,
    gallery_block: int = GALLERY_BLOCK,
    without: Sequence[int] = (),
) -> Iterator[tuple[int, Tensor]]:
    """Compare some queries at a time with the whole gallery.

    Neither all similarities nor a second copy of the gallery is ever held.

    Args:
        query: Q images.
        gallery: G images.
        form: Key of `FORMS`.
        query_block: Queries q at a time, for each of which the gallery is weighted anew; by default
            as many as `MAX_BLOCK` allows, at least `QUERY_BLOCK`.
        gallery_block: Gallery images weighted at a time.
        without: Landmarks whose weight is 0.

    Yields:
        The number of the first query of a block, and its similarities (q, G).

    Raises:
        ValueError: As in `similarity`.
    """
    check_match(query, gallery, form)
    step = query_block or max(QUERY_BLOCK, MAX_BLOCK // max(1, len(gallery)))
    for start in range(0, len(query), step):
        left = query_side(query[start : start + step], form).without(without)
        block = torch.empty(len(left.vectors), len(gallery), device=left.vectors.device)
        for low in range(0, len(gallery), gallery_block):
            part = slice(low, low + gallery_block)
            block[:, part] = left.compare(gallery_side(gallery[part], form))
        yield start, block


def check_match(query: Embedding, gallery: Embedding, form: str) -> None:
    """Refuse embeddings that cannot be compared.

    Raises:
        ValueError: Landmarks or channels differ, or the form is unknown.
    """
    check_choice("form", form, FORMS)
    if query.features.shape[1:] != gallery.features.shape[1:]:
        raise ValueError(
            "query and gallery must have the same landmarks and channels, got "
            f"{tuple(query.features.shape[1:])} and {tuple(gallery.features.shape[1:])}"
        )


def _weigh(embedding: Embedding, weighting: Callable, normalised: bool) -> Side:
    weights = weighting(embedding.awareness.float())  # (N, K)
    scale = 1.0 if normalised else weights.shape[1] ** -0.5
    vectors = functional.normalize(embedding.features.float(), dim=2)
    vectors *= (weights * scale)[:, :, None]
    return Side(vectors, weights if normalised else None)
