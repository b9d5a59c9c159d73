"""The figures of a set, and what searching a gallery for every query of it says."""
