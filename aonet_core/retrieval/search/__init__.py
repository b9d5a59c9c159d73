"""Exact search for one picture in a gallery of any size, on one machine or several."""
