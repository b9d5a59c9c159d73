"""How unlike the pictures that a checkpoint knows others look to it: plain NumPy, no torch.

A landmark that is hidden has a low best logit; pictures of another kind have low best logits at all
landmarks. So a picture's *shift* is how far the better half of its landmarks lies below what the
checkpoint knows: the mean over them of (typical - best logit) / spread. Half of a person may be
hidden without any shift.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

CARD_KEY = "familiar"
QUANTILE = 0.99
"""Share of the pictures that a checkpoint knows, occluded ones too, that lie within the limit."""
MIN_PICTURES = 20
"""Pictures that are needed to say what a checkpoint knows."""


@dataclass(frozen=True)
class Familiar:
    """What the best landmark logits of pictures are like that a checkpoint knows.

    Attributes:
        typical: (K,) median best logit of each landmark.
        spread: (K,) median distance from it, times 1.4826: the standard deviation of a normal one.
        limit: Shift that all but 1 % of the pictures stay below.
        pictures: How many they were.
        data: What they were, for people.
    """

    typical: tuple[float, ...]
    spread: tuple[float, ...]
    limit: float
    pictures: int
    data: str

    def shift(self, best_logit: np.ndarray) -> np.ndarray:
        """How unfamiliar pictures look: (N, K) best logits -> (N,) spreads below the typical."""
        below = (np.array(self.typical) - best_logit) / np.array(self.spread)
        half = (below.shape[1] + 1) // 2
        return np.sort(below, axis=1)[:, :half].mean(axis=1)

    def beyond(self, best_logit: np.ndarray) -> np.ndarray:
        """Which pictures lie beyond the limit: (N, K) -> (N,) bool."""
        return self.shift(best_logit) > self.limit

    def to_card(self) -> dict:
        """Return plain JSON types for a checkpoint's card, under `CARD_KEY`."""
        return {
            name: [round(each, 4) for each in value] if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }


def familiar(best_logit: np.ndarray, data: str) -> Familiar:
    """Learn what is known from pictures of that kind, occluded ones in the usual number.

    Args:
        best_logit: (N, K).
        data: What the pictures are, for people.

    Raises:
        ValueError: They are too few.
    """
    if len(best_logit) < MIN_PICTURES:
        raise ValueError(
            f"what a network knows is learnt from {MIN_PICTURES} pictures or more, "
            f"got {len(best_logit)}"
        )
    typical = np.median(best_logit, axis=0)
    spread = 1.4826 * np.median(np.abs(best_logit - typical), axis=0)
    draft = Familiar(
        tuple(map(float, typical)),
        tuple(float(max(each, 1e-3)) for each in spread),
        0.0,
        len(best_logit),
        data,
    )
    limit = float(np.quantile(draft.shift(best_logit), QUANTILE))
    return Familiar(**(vars(draft) | {"limit": round(limit, 4)}))


def familiar_of(card: dict) -> Familiar | None:
    """What a checkpoint's card remembers; None where it remembers nothing of that kind."""
    entry = card.get(CARD_KEY)
    if not entry:
        return None
    try:
        values = {name: tuple(map(float, entry[name])) for name in ("typical", "spread")}
        if len({len(each) for each in values.values()} | _landmarks(card)) > 1:
            raise ValueError("it is not of as many landmarks as the network has")
        return Familiar(
            limit=float(entry["limit"]),
            pictures=int(entry["pictures"]),
            data=str(entry["data"]),
            **values,
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"the card's {CARD_KEY!r} cannot be read: {error!r}") from error


def _landmarks(card: dict) -> set[int]:
    """How many landmarks a card's network has, where it says so."""
    return {card["config"]["num_landmarks"]} if "num_landmarks" in card.get("config", {}) else set()
