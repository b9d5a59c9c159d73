"""Matching images: similarity (Eq. 8), landmark shares, exact ranking, metrics."""

from aonet_core.retrieval.embedding import Embedding
from aonet_core.retrieval.metrics import Labels, RetrievalMetrics, evaluate, evaluate_embeddings
from aonet_core.retrieval.open_set import OpenSet, open_set
from aonet_core.retrieval.ranking import Ranking, rank
from aonet_core.retrieval.rerank import rerank_blocks
from aonet_core.retrieval.search.exact import ExactSearch
from aonet_core.retrieval.search.question import SearchQuery
from aonet_core.retrieval.similarity import (
    FORMS,
    Side,
    gallery_side,
    landmark_share,
    query_side,
    similarity,
    similarity_blocks,
)

__all__ = [
    "FORMS",
    "Embedding",
    "ExactSearch",
    "Labels",
    "OpenSet",
    "SearchQuery",
    "Ranking",
    "RetrievalMetrics",
    "Side",
    "evaluate",
    "evaluate_embeddings",
    "gallery_side",
    "landmark_share",
    "open_set",
    "query_side",
    "rank",
    "rerank_blocks",
    "similarity",
    "similarity_blocks",
]
