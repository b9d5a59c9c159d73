"""The engine in this process: what it answers, and what it keeps on disk."""
