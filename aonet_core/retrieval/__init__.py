"""Matching images: similarity (Eq. 8), landmark shares, exact ranking, metrics, galleries."""

from aonet_core.lazy import lazy_names

_SOURCES = {
    "Embedding": "aonet_core.retrieval.embedding",
    "ExactSearch": "aonet_core.retrieval.search",
    "FORMS": "aonet_core.retrieval.similarity",
    "GalleryStore": "aonet_core.retrieval.gallery",
    "Labels": "aonet_core.retrieval.metrics",
    "OpenSet": "aonet_core.retrieval.open_set",
    "Question": "aonet_core.retrieval.search",
    "Ranking": "aonet_core.retrieval.ranking",
    "RetrievalMetrics": "aonet_core.retrieval.metrics",
    "Side": "aonet_core.retrieval.similarity",
    "VectorFile": "aonet_core.retrieval.vectors",
    "evaluate": "aonet_core.retrieval.metrics",
    "evaluate_embeddings": "aonet_core.retrieval.metrics",
    "gallery_side": "aonet_core.retrieval.similarity",
    "landmark_share": "aonet_core.retrieval.similarity",
    "open_set": "aonet_core.retrieval.open_set",
    "query_side": "aonet_core.retrieval.similarity",
    "rank": "aonet_core.retrieval.ranking",
    "rerank_blocks": "aonet_core.retrieval.rerank",
    "similarity": "aonet_core.retrieval.similarity",
    "similarity_blocks": "aonet_core.retrieval.similarity",
}
__all__ = sorted(_SOURCES)
__getattr__ = lazy_names(__name__, _SOURCES)
