"""Measured ratios; run with `make bench`."""
