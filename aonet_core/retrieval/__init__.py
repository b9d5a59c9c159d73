"""Matching images: similarity (Eq. 8), landmark shares, exact ranking, metrics."""

from aonet_core.retrieval.embedding import Embedding
from aonet_core.retrieval.metrics import RetrievalMetrics, evaluate, evaluate_embeddings
from aonet_core.retrieval.ranking import Ranking, rank
from aonet_core.retrieval.similarity import FORMS, landmark_share, similarity

__all__ = [
    "FORMS",
    "Embedding",
    "Ranking",
    "RetrievalMetrics",
    "evaluate",
    "evaluate_embeddings",
    "landmark_share",
    "rank",
    "similarity",
]
