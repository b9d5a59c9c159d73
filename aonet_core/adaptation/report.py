"""What is said of an adaptation: its card, and sentences about what it cannot know."""

from __future__ import annotations

from collections import Counter

import numpy as np

from aonet_core.adaptation.adapt import Adapted, AdaptOptions
from aonet_core.analysis.photographs.shift import CARD_KEY, Familiar, familiar_of
from aonet_core.data.pictures import PicturesRead

LEFT_OUT = ("metrics", "validation", "validations", "training", "sha256")
"""What a card says of the parent alone: the new network behaves differently."""
HIDDEN_BEYOND = 2.5
"""Drop of a landmark's reference beyond the others', in spreads of its best logit among what the
parent knows, from which it may be hidden in most pictures."""
HIDDEN_BELOW = 0.3
"""Mean awareness in the parent's eyes, on pictures that are familiar to it, that tells the same."""
APART = 1.0
"""Difference of the typical best logits of two cameras that is worth a network for each."""
NAMED = 3
"""Files that a sentence names."""


def adapted_card(
    card: dict, parent: str, adapted: Adapted, read: PicturesRead, options: AdaptOptions
) -> dict:
    """The card of the new network: the parent's configuration, and what was done to it.

    Args:
        card: The parent's.
        parent: The parent's name.
        adapted: The new network.
        read: The pictures.
        options: How.
    """
    return {
        **kept_of(card),
        "adapted": {
            "parent": {"checkpoint": parent, "sha256": card["sha256"]},
            "source": read.source,
            "pictures": len(read.images),
            "duplicates": len(read.duplicates),
            "refused": len(read.refused),
            "cameras": {str(cam): count for cam, count in sorted(Counter(read.camids).items())},
            "way": options.way,
            "norm": {"moved": adapted.norm_moved, "scaled": adapted.norm_scaled},
            "head": adapted.taught and adapted.taught.to_card(),
            "landmarks": landmark_rows(adapted),
            "notes": notes(adapted, read, familiar_of(card)),
        },
        CARD_KEY: adapted.familiar.to_card(),
    }


def kept_of(card: dict) -> dict:
    """What a parent's card says of its adapted networks too."""
    return {name: value for name, value in card.items() if name not in LEFT_OUT}


def landmark_rows(adapted: Adapted) -> list[dict]:
    """Statistics before and after, one entry a landmark."""
    columns = {
        "average_logit_before": adapted.average_before,
        "average_logit": adapted.average_after,
        "best_logit_before": adapted.before.best_logit.median(dim=0).values.numpy(),
        "best_logit": adapted.after.best_logit.median(dim=0).values.numpy(),
        "awareness_before": adapted.before.awareness.mean(dim=0).numpy(),
        "awareness": adapted.after.awareness.mean(dim=0).numpy(),
    }
    rows: list[dict] = [
        {name: round(float(column[k]), 4) for name, column in columns.items()}
        for k in range(len(adapted.average_after))
    ]
    for row, interval, share in zip(rows, adapted.interval, adapted.share, strict=True):
        row["believed"] = round(float(share), 4)
        row["average_logit_interval"] = [round(float(edge), 4) for edge in interval]
    return rows


def notes(adapted: Adapted, read: PicturesRead, familiar: Familiar | None) -> list[str]:
    """Sentences about what was left out and what the pictures leave open."""
    sentences = [
        _left_out(read),
        _nobody(adapted, familiar),
        _hidden(adapted, familiar),
        _cameras(adapted, read),
    ]
    return [sentence for sentence in sentences if sentence]


def too_few(read: PicturesRead, fewest: int) -> str:
    """Why the pictures of a source are too few; "" where they are enough."""
    count = len(read.images)
    if count >= fewest:
        return ""
    what = [
        f"{len(read.duplicates)} more hold the same as one of them" if read.duplicates else "",
        f"{len(read.refused)} cannot be read" if read.refused else "",
    ]
    more = " and ".join(filter(None, what))
    return f"adapting needs at least {fewest} different pictures, got {count}" + (
        f"; {more}" if more else ""
    )


def _left_out(read: PicturesRead) -> str:
    names = [*read.duplicates, *(name for name, _ in read.refused)]
    if not names:
        return ""
    counts = [
        f"{len(read.refused)} that cannot be read" if read.refused else "",
        f"{len(read.duplicates)} that hold the same as another" if read.duplicates else "",
    ]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"Left out: {' and '.join(filter(None, counts))} ({', '.join(names[:NAMED])}{more})."


def _nobody(adapted: Adapted, familiar: Familiar | None) -> str:
    """Pictures of another kind and pictures of nobody look the same to a network."""
    if familiar is None:
        return ""
    logits = adapted.before.best_logit.numpy()
    beyond = familiar.beyond(logits)
    if beyond.mean() < 0.5:
        return ""
    return (
        f"{beyond.sum()} of {len(beyond)} pictures lie beyond what the parent knows (shift "
        f"{np.median(familiar.shift(logits)):.1f}, limit {familiar.limit:.1f}): another kind of "
        "picture, or no person in them. Which of the two cannot be told from the logits: look at "
        "some."
    )


def _hidden(adapted: Adapted, familiar: Familiar | None) -> str:
    """A landmark that is hidden in most pictures drags its reference down."""
    if familiar is None:
        return ""
    drop = (adapted.average_before - adapted.average_after) / np.array(familiar.spread)
    fell = drop - np.median(drop) > HIDDEN_BEYOND
    if familiar.beyond(adapted.before.best_logit.numpy()).mean() < 0.5:
        # The other landmarks look familiar: what the parent does not see is hidden.
        fell |= (adapted.before.awareness.mean(dim=0).numpy() < HIDDEN_BELOW) & (drop > 0)
    beyond = np.flatnonzero(fell)
    if not len(beyond):
        return ""
    named = ", ".join(str(k + 1) for k in beyond)
    one = len(beyond) == 1
    return (
        f"The reference of landmark{'' if one else 's'} {named} fell further than can be expected: "
        f"{'it' if one else 'they'} may be hidden in most of these pictures, and will "
        "then be called visible. Adapt to pictures of whole people."
    )


def _cameras(adapted: Adapted, read: PicturesRead) -> str:
    """Pictures of several cameras get one reference: is that enough?"""
    cameras = np.array(read.camids)
    compared = [cam for cam in np.unique(cameras) if cam > 0 and (cameras == cam).sum() >= 10]
    if len(compared) < 2:
        return ""
    logits = adapted.after.best_logit.numpy()
    typical = np.stack([np.median(logits[cameras == cam], axis=0) for cam in compared])
    apart = float(np.ptp(typical, axis=0).max())
    said = (
        f"The pictures are of {len(compared)} cameras, whose typical best logits differ by up to "
        f"{apart:.1f}: "
    )
    if apart < APART:
        return said + "one network does for all."
    return said + "a network for each camera would tell more."
