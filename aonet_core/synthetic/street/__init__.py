"""The synthetic town: cameras, grounds, house fronts, and what stands there."""
