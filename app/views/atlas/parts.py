"""Numbers of a landmark as small HTML: where its peaks lie, when it is seen, what it is like."""

from __future__ import annotations

import numpy as np

from aonet_core.engine import Atlas
from app.shared.markup import dot, escape, signed
from app.theme import landmark_colour

BINS = 20
KINDS = {"whole": "nothing in front", "occluded": "occluded"}


def histograms(atlas: Atlas) -> dict[str, np.ndarray]:
    """Counts (K, BINS) of pictures by awareness: whole and occluded, or all where unknown."""
    by_kind = {title: atlas.histogram(kind, BINS) for kind, title in KINDS.items()}
    by_kind = {title: counts for title, counts in by_kind.items() if counts.sum()}
    return by_kind or {"all pictures": atlas.histogram("", BINS)}


def small_histogram(kinds: dict[str, np.ndarray], k: int) -> str:
    """Two kinds on one axis as a little picture: bars of the first, an outline of the second."""
    shares = {name: counts[k] / max(1, counts[k].sum()) for name, counts in kinds.items()}
    top = max(float(share.max()) for share in shares.values()) or 1.0
    drawn = []
    for number, (name, share) in enumerate(shares.items()):
        points = " ".join(
            f"{x},{40 - 38 * value / top:.1f}"
            for place, value in enumerate(share)
            for x in (5 * place, 5 * place + 5)
        )
        if number == 0:
            look = f"fill='{landmark_colour(k)}' fill-opacity='.75' stroke='none'"
            points = f"0,40 {points} 100,40"
        else:
            look = "fill='none' stroke='currentColor' stroke-width='1.2'"
        tag = "polygon" if number == 0 else "polyline"
        drawn.append(
            f"<{tag} points='{points}' {look} vector-effect='non-scaling-stroke'>"
            f"<title>{escape(name)}</title></{tag}>"
        )
    label = f"awareness of landmark {k + 1}: " + ", ".join(
        f"mean {_mean(share):.2f} {name}" for name, share in shares.items()
    )
    return (
        f"<svg viewBox='0 0 100 40' preserveAspectRatio='none' role='img' "
        f"aria-label='{escape(label)}'>{''.join(drawn)}</svg>"
        "<div class='axis'><span>0</span><span>β</span><span>1</span></div>"
    )


def _mean(share: np.ndarray) -> float:
    return float((share * (np.arange(len(share)) + 0.5)).sum() / len(share))


def body(atlas: Atlas, k: int, most: int | None = None) -> str:
    """On what the peaks lie, largest first, as bars; less than half a percent is left out.

    Args:
        atlas: Of the gallery.
        k: Landmark.
        most: Lines at most; all by default.
    """
    shares = atlas.body_shares()[k]
    if np.isnan(shares).any():
        return "<p class='notes'>not known here</p>"
    titles = (*atlas.region_names, "background")
    order = [place for place in np.argsort(-shares, kind="stable") if shares[place] >= 0.005]
    lines = "".join(
        f"<div><span>{escape(titles[place])}</span><b>{100 * shares[place]:.0f} %</b>"
        f"<div class='bar'><i style='width:{100 * shares[place]:.1f}%;"
        f"background:{'#8a929c' if place == len(titles) - 1 else landmark_colour(k)}'></i></div>"
        "</div>"
        for place in order[:most]
    )
    return f"<div class='lines'>{lines}</div>"


def likeness(values: np.ndarray, k: int, names: list[str], title: str) -> str:
    """Cosines of landmark k to the others as bars from zero."""
    lines = ""
    for other, name in enumerate(names):
        if other == k:
            continue
        value = float(values[k, other])
        if np.isnan(value):
            lines += f"<div>{dot(other)}<span>{escape(name)}</span><b>–</b></div>"
            continue
        start, width = 50 * min(1 + value, 1), 50 * abs(value)
        lines += (
            f"<div>{dot(other)}<span>{escape(name)}</span><b>{signed(value, 2)}</b>"
            f"<div class='lift'><i style='left:{start:.1f}%;width:{width:.1f}%;"
            f"background:{landmark_colour(other)}'></i><u></u></div></div>"
        )
    return f"<section><h3>{title}</h3><div class='lines'>{lines}</div></section>"
