"""How far the map can be trusted, in numbers and one sentence."""

from __future__ import annotations

import numpy as np

from aonet_core.engine import Projection
from app.shared.markup import helped, percent

TRUST = (
    "Venna and Kaski's trustworthiness over {k} neighbours, 0.5 by chance, 1 where every "
    "neighbour in the picture is one in the original space. Measured on {m} points drawn with the "
    "seed, each against all others."
)
PURITY = (
    "Share of a point's {k} nearest points of other pictures that show the same {what}: in the "
    "original space, which the picture is made from, then in the picture. By chance it would be "
    "{chance}. Measured on {m} points."
)


def sentence(found: Projection) -> str:
    """Trustworthiness and purity as tiles, and how to read the picture."""
    quality = found.quality
    tiles = [_trust(found)]
    shares = (
        ("landmark", "landmark", quality.landmark, quality.landmark_map, quality.landmark_chance),
        ("person", "identity", quality.identity, quality.identity_map, quality.identity_chance),
    )
    for what, title, original, drawn, chance in shares:
        if np.isfinite(original):
            told = PURITY.format(k=quality.neighbours, m=f"{quality.measured:,}", what=what,
                                 chance=f"{percent(chance, 1)}")  # fmt: skip
            tiles.append(
                f"<div>{helped(f'{title} purity', told)}<b>{percent(original)}"
                f"<small> in the picture {percent(drawn)}, by chance {percent(chance)}</small></b>"
                "</div>"
            )
    return (
        f"<div class='facts tiles'>{''.join(tiles)}</div>"
        "<p class='notes'>Neighbours in the picture are mostly neighbours in the original space as "
        "far as trustworthiness is near 1; how far clumps lie apart, how large and how dense they "
        "are means nothing. Purity is measured where retrieval compares, not in the picture.</p>"
    )


def _trust(found: Projection) -> str:
    quality = found.quality
    told = TRUST.format(k=quality.neighbours, m=f"{quality.measured:,}")
    value = f"{quality.trustworthiness:.3f}" if np.isfinite(quality.trustworthiness) else "–"
    return f"<div>{helped('trustworthiness', told)}<b>{value}</b></div>"


def caption(found: Projection) -> str:
    """One line for a saved picture."""
    quality, spec = found.quality, found.spec
    parts = [f"{found.gallery}: {len(found):,} points", f"checkpoint {found.checkpoint[:8]}"]
    if found.method == "umap":
        parts.append(f"UMAP {spec.neighbours} neighbours, distance {spec.min_distance:.2f}, "
                     f"{spec.metric}, seed {spec.seed}")  # fmt: skip
    if np.isfinite(quality.trustworthiness):
        parts.append(f"trustworthiness {quality.trustworthiness:.3f}")
    return " · ".join(parts)
