"""What is common to the page's strips and the exported figure: rows, scales, names, numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.services import Panel
from app.state import ALL_LANDMARKS, FIXED_LIMIT, View


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


def rows(panel: Panel) -> list[Row]:
    """The three rows of a picture: without the reference, with it, and what it changed."""
    without, with_it = panel.analysis.response_map, panel.analysis.referenced_response_map
    return [
        Row("without reference", without),
        Row("with reference", with_it),
        Row("difference", with_it - without, signed=True),
    ]


def limits(panels: list[Panel], view: View) -> Limits:
    """One scale for responses and one for differences over all panels and landmarks."""
    if view.scale == "fixed":
        return Limits(FIXED_LIMIT, FIXED_LIMIT)
    chosen = landmarks(panels[0], view)
    extremes = {
        signed: max(
            float(np.abs(row.maps[chosen]).max())
            for panel in panels
            for row in rows(panel)
            if row.signed == signed
        )
        for signed in (False, True)
    }
    return Limits(extremes[False], max(extremes[True], 1e-6))


def landmarks(panel: Panel, view: View) -> list[int]:
    """Numbers from 0 on of the landmarks that are shown."""
    count = len(panel.analysis.awareness)
    if view.landmark == ALL_LANDMARKS or int(view.landmark) > count:
        return list(range(count))
    return [int(view.landmark) - 1]


def landmark_names(card: dict, count: int) -> list[str]:
    """Names such as "1 head", from where each landmark was measured to live."""
    regions = [entry.get("region") for entry in card.get("metrics", {}).get("landmarks", [])]
    regions += [None] * (count - len(regions))
    return [f"{number} {region or ''}".strip() for number, region in enumerate(regions[:count], 1)]


def visibility_of(panel: Panel, landmark: int) -> float | None:
    """True visibility of a landmark, None where it is not known."""
    if panel.visibility is None or not np.isfinite(panel.visibility[landmark]):
        return None
    return float(panel.visibility[landmark])


def visibilities(panel: Panel) -> list[float] | None:
    """True visibility of all landmarks, None where it is not known."""
    return None if panel.visibility is None else panel.visibility.tolist()
