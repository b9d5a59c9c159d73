"""The smallest rectangle that makes the right match fall, and every landmark's removal, as HTML."""

from __future__ import annotations

from aonet_core.engine import Counterfactual
from app import services
from app.services import Photo
from app.shared.markup import dot, escape, helped, percent, signed
from app.shared.overlay import fit
from app.shared.tiles import image_tag

LARGE = 512


def story(photo: Photo, counterfactual: Counterfactual, names: list[str]) -> str:
    """The photo with the rectangle, the matches before and after, and every landmark's removal."""
    box = ""
    if counterfactual.box:
        (top, bottom, left, right), (width, height) = counterfactual.box, photo.image.size
        box = (
            f"<i style='left:{100 * left / width:.2f}%;top:{100 * top / height:.2f}%;"
            f"width:{100 * (right - left) / width:.2f}%;"
            f"height:{100 * (bottom - top) / height:.2f}%'></i>"
        )
    # Without a rectangle the note is the headline.
    note = f"<p>{escape(counterfactual.note)}</p>" if counterfactual.box else ""
    picture = image_tag(fit(photo.image, LARGE), "the photo with the smallest rectangle")
    cards = [_match("first with nothing hidden", counterfactual.match, True, counterfactual.margin)]
    if counterfactual.box_margin is not None:
        cards.append(_match("first with the rectangle hidden", counterfactual.box_winner, False,
                            counterfactual.box_margin))  # fmt: skip
    return (
        f"<div class='counterfactual'><div class='boxed'>{picture}{box}</div>"
        f"<div class='tale'><h2>{_headline(counterfactual)}</h2>"
        f"<div class='cards'>{''.join(cards)}</div>"
        f"<h2>Without one landmark</h2>{note}{_removals(counterfactual, names)}</div></div>"
    )


def _headline(counterfactual: Counterfactual) -> str:
    if not counterfactual.box:
        return escape(counterfactual.note or "No rectangle makes the right match fall.")
    top, bottom, left, right = counterfactual.box
    return (
        f"Hiding {percent(counterfactual.box_share, 1)} of the picture, "
        f"{right - left} × {bottom - top} px, takes the right match from the first place"
    )


def _match(when: str, name: str, right: bool, margin: float) -> str:
    photo = services.photo(name)
    mark = "<span class='right'>✓</span>" if right else "<span class='wrong'>✗</span>"
    kind = "right" if right else "wrong"
    return (
        f"<figure class='{kind}-match'><figcaption>{when}</figcaption>"
        f"{image_tag(fit(photo.image, 200), photo.title)}"
        f"<p>{mark} {escape(photo.title)}<br>{helped('margin')} {signed(margin)}</p></figure>"
    )


def _removals(counterfactual: Counterfactual, names: list[str]) -> str:
    """A line a landmark: the margin without it, as a bar from zero, and who wins."""
    end = max(
        1e-6,
        *(abs(removal.margin) for removal in counterfactual.landmarks),
        abs(counterfactual.margin),
    )
    lines = []
    for removal in counterfactual.landmarks:
        start = 50 + 50 * min(0.0, removal.margin) / end
        mark = (
            "<span class='wrong'>✗</span> falls behind " + escape(_title(removal.winner))
            if removal.falls
            else "<span class='right'>✓</span> stays first"
        )
        lines.append(
            f"<tr><td>{dot(removal.landmark)}{escape(names[removal.landmark])}</td>"
            f"<td><div class='margin'><u></u><i style='left:{start:.1f}%;"
            f"width:{50 * abs(removal.margin) / end:.1f}%'></i></div></td>"
            f"<td>{signed(removal.margin)}</td><td>{mark}</td></tr>"
        )
    head = f"<tr><th>without</th><th colspan=2>{helped('margin')}</th><th>then</th></tr>"
    return f"<table>{head}{''.join(lines)}</table>"


def _title(name: str) -> str:
    sample = services.samples().samples.get(name)
    return sample.title if sample else name
