"""Maps of how much hiding each place lowers a number, side by side on one scale, as HTML."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aonet_core.engine import METHODS, Attribution, Fill, Target
from app.services import Photo
from app.shared.markup import dot, escape, helped
from app.shared.overlay import fit, gradient, overlay
from app.shared.tiles import image_tag
from app.shared.view import View

TITLES = {
    "occlusion": "occlusion",
    "integrated_gradients": "integrated gradients",
    "layer_integrated_gradients": "integrated gradients of the feature map",
}
RANK = "rank of the match"
LARGE = 512


@dataclass(frozen=True)
class Question:
    """What is asked: a target in words, and how places are hidden."""

    target: Target
    words: str
    other: str
    fill: Fill
    window: int

    @property
    def methods(self) -> list[str]:
        """A rank has no gradient: it can only be measured."""
        return ["occlusion"] if self.target.kind == "rank" else list(METHODS)


def limit(attributions: dict[str, Attribution]) -> float:
    """End of the one signed scale that all maps share."""
    return max(1e-6, *(float(np.abs(answer.map).max()) for answer in attributions.values()))


def side_by_side(photo: Photo, attributions: dict[str, Attribution], words: str, view: View) -> str:
    """The photo and a map a method, on one scale centred on zero."""
    end = limit(attributions)
    tile = fit(photo.image, LARGE)
    opacity = view.opacity / 100
    figure = f"<figure style='max-width: calc(min(52vh, 520px) * {tile.width / tile.height:.3f})'>"
    cells = [f"{figure}<figcaption>photo</figcaption>{image_tag(tile, 'photo')}</figure>"]
    for method, answer in attributions.items():
        title = TITLES[method]
        drawn = overlay(tile, answer.map, end, opacity, signed=True)
        cells.append(
            f"{figure}<figcaption>{helped(title, METHODS[method])}</figcaption>"
            f"{image_tag(drawn, f'{title} of {words}')}<dl>{_facts(answer, words)}</dl></figure>"
        )
    first = next(iter(attributions.values()))
    height, width = first.window
    scale = (
        f"<div class='flat'>−{end:.3f}<i style='background:{gradient(True, 90)}'></i>+{end:.3f}"
        f"<span>{helped('fall when hidden')}</span></div>"
    )
    falls = "How many places the match falls" if words == RANK else f"How much the {words} falls"
    return (
        f"<div class='attribution'><h2>{dot_of(words)}{escape(falls)} when a window of "
        f"{width:.0f} × {height:.0f} px is hidden there</h2><div>{''.join(cells)}</div>"
        f"{scale}</div>"
    )


def dot_of(words: str) -> str:
    """The colour of the landmark that the target names, if it names one."""
    number = words.partition("landmark ")[2].partition(" ")[0]
    return dot(int(number) - 1) if number.isdigit() else ""


def _facts(answer: Attribution, words: str) -> str:
    facts = {"now": f"{answer.value:.3f}", "all hidden": f"{answer.blank:.3f}"}
    if words == RANK:
        facts = {"ahead now": f"{-answer.value:.0f}", "ahead, all hidden": f"{-answer.blank:.0f}"}
    if answer.residual is not None:
        facts["unexplained"] = f"{answer.residual:+.3f}"
    facts["time"] = f"{answer.milliseconds / 1000:.1f} s"
    return "".join(
        f"<div><dt>{helped(name)}</dt><dd>{value.replace('-', '−')}</dd></div>"
        for name, value in facts.items()
    )
