"""Maps of embeddings by UMAP, and how far they can be trusted."""
