"""Files of Compare: the matches of both sides as CSV."""

from __future__ import annotations

from app.services import compare
from app.services.compare import Side
from app.shared.csv_table import table
from app.views.compare.state import SideChoice


def ranks_csv(sides: dict[str, tuple[Side, SideChoice]]) -> bytes:
    """One line a side and match; shares of landmarks that a network has not are empty."""
    most = max(side.info.num_landmarks for side, _ in sides.values())
    header = ["side", "checkpoint", "sha256", "trained", "form", "features", "picture", "rank",
              "file", "verdict", "similarity"]  # fmt: skip
    header += [f"share {k + 1}" for k in range(most)]
    lines = [
        [name, side.info.checkpoint, side.info.digest, side.trained, side.ranking.form,
         "sl" if choice.match == compare.SL else "retrieval", side.panel.photo.title, entry.rank,
         entry.name, entry.verdict, entry.similarity, *map(float, entry.shares),
         *[""] * (most - len(entry.shares))]
        for name, (side, choice) in sides.items()
        if side.ranking
        for entry in side.ranking.entries
    ]  # fmt: skip
    return table(header, lines)
