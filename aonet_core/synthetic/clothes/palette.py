"""Colours of the wardrobe in linear light, and how often people wear what."""

from __future__ import annotations

from aonet_core.synthetic.clothes.paint import Colour

COLOURS: dict[str, Colour] = {
    "black": (0.016, 0.016, 0.018),
    "charcoal": (0.055, 0.057, 0.062),
    "grey": (0.19, 0.19, 0.195),
    "pale_grey": (0.42, 0.42, 0.41),
    "white": (0.74, 0.73, 0.71),
    "cream": (0.62, 0.54, 0.4),
    "beige": (0.4, 0.31, 0.2),
    "camel": (0.3, 0.17, 0.08),
    "brown": (0.1, 0.052, 0.028),
    "olive": (0.1, 0.1, 0.042),
    "forest": (0.018, 0.085, 0.042),
    "mint": (0.3, 0.55, 0.43),
    "navy": (0.013, 0.022, 0.068),
    "blue": (0.03, 0.095, 0.38),
    "sky": (0.22, 0.43, 0.68),
    "teal": (0.015, 0.18, 0.21),
    "red": (0.42, 0.02, 0.024),
    "burgundy": (0.12, 0.012, 0.026),
    "pink": (0.66, 0.27, 0.36),
    "orange": (0.66, 0.19, 0.025),
    "mustard": (0.46, 0.27, 0.03),
    "yellow": (0.72, 0.55, 0.06),
    "purple": (0.13, 0.042, 0.23),
}
DARK = ("black", "black", "charcoal", "navy", "navy", "brown", "olive", "forest", "burgundy")
CONTRAST = ("black", "charcoal", "navy", "forest", "burgundy")
"""Dark colours that no skin has: brown shoulders of a two-tone top look bare."""
VIVID = ("red", "blue", "teal", "orange", "mustard", "purple", "pink", "mint", "yellow", "forest")
PALE = ("white", "white", "cream", "pale_grey", "grey", "sky", "beige", "pink", "mint")
SKIN_TONES = (
    (0.56, 0.36, 0.26), (0.5, 0.31, 0.215), (0.43, 0.255, 0.165), (0.33, 0.185, 0.115),
    (0.22, 0.115, 0.066), (0.13, 0.066, 0.038), (0.07, 0.036, 0.022),
)  # fmt: skip
HAIR_COLOURS = (
    (0.012, 0.01, 0.009), (0.022, 0.014, 0.009), (0.05, 0.026, 0.013), (0.1, 0.052, 0.024),
    (0.3, 0.2, 0.09), (0.17, 0.05, 0.018), (0.26, 0.26, 0.26), (0.5, 0.49, 0.47),
)  # fmt: skip
HAIR_ODDS = (0.23, 0.21, 0.19, 0.13, 0.09, 0.05, 0.06, 0.04)
DENIM = ((0.016, 0.026, 0.066), (0.045, 0.09, 0.2), (0.14, 0.24, 0.4), (0.022, 0.022, 0.026))

# Odds of (man, woman) for each cut.
TOP_ODDS = {
    "tshirt": (6, 3), "fitted": (0, 5), "tank": (1, 2), "polo": (3, 1), "longsleeve": (3, 4),
    "shirt": (3, 2), "rolled": (3, 1), "turtleneck": (1, 2), "hoodie": (5, 3), "jacket": (5, 4),
    "puffer": (3, 3), "blazer": (2, 2), "coat": (1, 4), "parka": (2, 2),
}  # fmt: skip
BOTTOM_ODDS = {
    "trousers": (8, 3), "slim": (5, 7), "wide": (1, 3), "joggers": (3, 1), "leggings": (0, 4),
    "cropped": (1, 2), "shorts": (4, 2), "skirt": (0, 3), "midi": (0, 2), "mini": (0, 1),
}  # fmt: skip
STYLE_ODDS = {
    "crop": (5, 0), "short": (7, 1), "quiff": (3, 0), "shaggy": (2, 1), "curly": (2, 3),
    "afro": (1, 1), "receding": (2, 0), "bald": (2, 0), "bob": (0, 3), "fringe": (0, 3),
    "shoulder": (0, 4), "long": (0, 5), "bun": (0, 3), "topknot": (1, 1), "ponytail": (0, 4),
}  # fmt: skip
CHINOS = (*DARK, *DARK, "grey", "beige", "camel", "cream", "white", "blue", "red")
OUTER_TOPS = ("jacket", "puffer", "blazer", "coat", "parka")
SUMMER_TOPS = ("tshirt", "fitted", "tank", "polo", "rolled", "shirt", "longsleeve")
BARE_BOTTOMS = ("shorts", "mini")
