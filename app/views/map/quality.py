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


def sentence(projection: Projection) -> str:
    """Trustworthiness and purity as tiles, and how to read the picture."""
    quality = projection.quality
    tiles = [_trust(projection)]
    shares = (
        ("landmark", "landmark", quality.landmark, quality.landmark_map, quality.landmark_chance),
        ("person", "identity", quality.identity, quality.identity_map, quality.identity_chance),
    )
    for what, title, original, drawn, chance in shares:
        if np.isfinite(original):
            meaning = PURITY.format(k=quality.neighbours, m=f"{quality.measured:,}", what=what,
                                 chance=f"{percent(chance, 1)}")  # fmt: skip
            tiles.append(
                f"<div>{helped(f'{title} purity', meaning)}<b>{percent(original)}"
                f"<small> in the picture {percent(drawn)}, by chance {percent(chance)}</small></b>"
                "</div>"
            )
    return (
        f"<div class='facts tiles'>{''.join(tiles)}</div>"
        "<p class='notes'>Neighbours in the picture are mostly neighbours in the original space as "
        "far as trustworthiness is near 1; how far clumps lie apart, how large and how dense they "
        "are means nothing. Purity is measured where retrieval compares, not in the picture.</p>"
    )


def _trust(projection: Projection) -> str:
    quality = projection.quality
    meaning = TRUST.format(k=quality.neighbours, m=f"{quality.measured:,}")
    value = f"{quality.trustworthiness:.3f}" if np.isfinite(quality.trustworthiness) else "–"
    return f"<div>{helped('trustworthiness', meaning)}<b>{value}</b></div>"


def caption(projection: Projection) -> str:
    """One line for a saved picture."""
    quality, spec = projection.quality, projection.spec
    parts = [
        f"{projection.gallery}: {len(projection):,} points",
        f"checkpoint {projection.checkpoint[:8]}",
    ]
    if projection.method == "umap":
        parts.append(f"UMAP {spec.neighbours} neighbours, distance {spec.min_distance:.2f}, "
                     f"{spec.metric}, seed {spec.seed}")  # fmt: skip
    if np.isfinite(quality.trustworthiness):
        parts.append(f"trustworthiness {quality.trustworthiness:.3f}")
    return " · ".join(parts)
