"""Awareness on photographs, of which the truth is not known."""
