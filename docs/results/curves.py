"""Draws the training curves of a checkpoint: `python -m docs.results.curves`.

Left the terms of the loss as they are weighted, smoothed over steps; right what was measured on the
validation split after each epoch.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from app.views.model.charts import MEASURED, SMOOTH, TERMS

DEFAULT = Path(__file__).parents[2] / "assets" / "checkpoints" / "default.history.csv"


def draw(history: pd.DataFrame) -> Figure:
    """Draw the history of a run, as training writes it.

    Raises:
        ValueError: It has no column `step`, or neither a loss term nor a validation.
    """
    terms = [name for name in TERMS if name in history]
    measured = [name for name in MEASURED if f"validation_{name}" in history]
    if "step" not in history or not (terms or measured):
        raise ValueError(
            f"a history has a column step and some of {', '.join(TERMS)}, got "
            f"{', '.join(history.columns)}"
        )
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
    for name in terms:
        rows = history[["step", name]].dropna()
        left.plot(rows["step"], rows[name].rolling(SMOOTH, min_periods=1).mean(), label=name)
    left.set(xlabel="step", ylabel="loss term, as weighted", yscale="log")
    for name in measured:
        rows = history[["step", f"validation_{name}"]].dropna()
        right.plot(rows["step"], rows[f"validation_{name}"], marker="o", label=MEASURED[name])
    right.set(xlabel="step", ylabel="validation split", ylim=(0, 1))
    for axes in (left, right):
        axes.legend(frameon=False, fontsize=8)
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def main() -> None:
    """Read, draw, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--history", type=Path, default=DEFAULT)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("curves.png"))
    arguments = parser.parse_args()
    draw(pd.read_csv(arguments.history)).savefig(arguments.out, dpi=110)


if __name__ == "__main__":
    main()
