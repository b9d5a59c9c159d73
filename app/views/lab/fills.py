"""What can take the place of hidden pixels."""

from __future__ import annotations

FILLS = {
    "black": "black",
    "mean": "mean colour",
    "noise": "noise",
    "blur": "blur",
    "texture": "texture",
    "picture": "another picture's pixels",
}
"""In words, by the names that the engine knows."""
PLAIN = tuple(name for name in FILLS if name != "picture")
"""Those that need no other picture."""
