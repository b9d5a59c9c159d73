"""Fits a network's reference to somebody's own unlabelled pictures."""
