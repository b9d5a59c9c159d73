"""What the page's strips and the exported figure share: rows, scales, names, numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.services import Panel
from app.shared.view import ALL_LANDMARKS, FIXED_LIMIT, View

HIDDEN_BELOW = 0.3
"""True visibility under which a landmark counts as hidden, as where fidelity is measured."""
VISIBLE_ABOVE = 0.7
"""True visibility above which it counts as visible, as there."""
DOUBTFUL_BELOW = 0.5
"""Share of a landmark's peaks on the body part it is named after, under which that is doubtful."""
BELIEVED_BELOW = 0.7
"""Share of its awareness that a landmark must keep, or the network is said to believe it hidden."""


@dataclass(frozen=True)
class Row:
    """One row of maps: its title, its maps (K, H, W), and whether they are signed."""

    title: str
    maps: np.ndarray
    signed: bool = False


@dataclass(frozen=True)
class Limits:
    """Ends of the two colour scales, the same for every tile on the page."""

    response: float
    difference: float

    def of(self, row: Row) -> float:
        """The limit that a row is drawn with."""
        return self.difference if row.signed else self.response


@dataclass(frozen=True)
class Number:
    """A measure of every landmark: its title, and K values or None where unknown."""

    title: str
    values: list[float | None]


def rows(panel: Panel) -> list[Row]:
    """The three rows of a picture: without the reference, with it, and what it changed."""
    without, with_it = panel.analysis.response_map, panel.analysis.referenced_response_map
    return [
        Row("without reference", without),
        Row("with reference", with_it),
        Row("difference", with_it - without, signed=True),
    ]


def numbers(panel: Panel) -> list[Number]:
    """What stands below the maps: awareness first, then what it comes from and its truth."""
    analysis = panel.analysis
    lines = [
        Number("awareness β", analysis.awareness.tolist()),
        Number("best logit", analysis.best_logit.tolist()),
        Number("average logit", analysis.average_logit.tolist()),
    ]
    truth = visibilities(panel)
    return [*lines, Number("true visibility", truth)] if truth else lines


def visibilities(panel: Panel) -> list[float | None] | None:
    """True visibility of all landmarks; None where it is not known."""
    if panel.visibility is None:
        return None
    return [float(value) if np.isfinite(value) else None for value in panel.visibility]


def limits(panels: list[Panel], view: View) -> Limits:
    """One scale for responses and one for differences over all panels and shown landmarks."""
    if view.scale == "fixed":
        return Limits(FIXED_LIMIT, FIXED_LIMIT)
    shown = landmarks(panels[0], view)
    ends = {False: 1e-6, True: 1e-6}
    for panel in panels:
        for row in rows(panel):
            ends[row.signed] = max(ends[row.signed], float(np.abs(row.maps[shown]).max()))
    return Limits(response=ends[False], difference=ends[True])


def landmarks(panel: Panel, view: View) -> list[int]:
    """Numbers from 0 on of the landmarks that are shown."""
    count = len(panel.analysis.awareness)
    if view.landmark == ALL_LANDMARKS or int(view.landmark) > count:
        return list(range(count))
    return [int(view.landmark) - 1]


def landmark_names(metrics: dict, count: int) -> list[str]:
    """Names such as "1 head 85 %", from where each landmark was measured to live.

    The share of its peaks that lie there stands in the name; where it is less than half, the name
    is doubtful and ends in a question mark. Landmarks of the same part are told apart by letters.
    """
    measured = metrics.get("landmarks")
    entries = measured if isinstance(measured, list) else []
    entries = [*entries[:count], *[{}] * (count - len(entries))]
    regions = [entry.get("region") or "" for entry in entries]
    return [
        f"{k + 1} {_region(regions, k)}{_purity(entry)}".strip() for k, entry in enumerate(entries)
    ]


def _region(regions: list[str], k: int) -> str:
    """The body part, with a letter where other landmarks live there too."""
    if regions.count(regions[k]) < 2 or not regions[k]:
        return regions[k]
    return f"{regions[k]} {'abcdefghijklmnopqrstuvwxyz'[regions[:k].count(regions[k])]}"


def _purity(entry: dict) -> str:
    share = entry.get("share")
    if not entry.get("region") or not isinstance(share, (int, float)) or share != share:
        return ""
    return f"{'' if share >= DOUBTFUL_BELOW else '?'} {100 * share:.0f}\u00a0%"


@dataclass(frozen=True)
class Verdict:
    """What the network believes of a landmark after a part was hidden, and whether it is so.

    Attributes:
        hidden: It believes the landmark hidden: its awareness fell below `BELIEVED_BELOW` of
            what it was.
        right: Whether the true hidden share agrees; None where the landmark is partly hidden.
    """

    hidden: bool
    right: bool | None


def verdict(before: float, after: float, visible: float) -> Verdict:
    """Judge one landmark.

    Args:
        before: Awareness with nothing hidden.
        after: Awareness with parts hidden.
        visible: True visibility after hiding, in [0, 1].
    """
    hidden = after < BELIEVED_BELOW * before
    if HIDDEN_BELOW <= visible <= VISIBLE_ABOVE:
        return Verdict(hidden, None)
    return Verdict(hidden, hidden == (visible < HIDDEN_BELOW))
