"""Do awareness curves follow the truth? `python -m docs.results.sweeps`.

A bar slides from top to bottom over twins, the renders that nothing covers. For every landmark that
the bar hides for the most part somewhere, the fall of its awareness is correlated with its true
hidden share over all positions. Prints how well the curves follow over all twins looked at, and
draws those of the twin whose curves follow best to `docs/lab-sweep.png`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from aonet_core.engine import Sweep, SweepSpec, connect, read_image, read_samples
from app.shared.maps import landmark_names
from app.views.lab.exports import sweep_png

FIGURE = Path(__file__).resolve().parents[1] / "lab-sweep.png"
MOSTLY = 0.7
"""A landmark counts where the bar hides at least this share of it at some position."""


def agreement(sweep: Sweep) -> np.ndarray:
    """Correlation (K,) of awareness lost with the true hidden share; NaN where little is hidden."""
    found = np.full(len(sweep.clean_awareness), np.nan)
    for k, hidden in enumerate(sweep.hidden.T):
        if hidden.max() >= MOSTLY and np.ptp(sweep.awareness[:, k]) > 0:
            found[k] = np.corrcoef(hidden, -sweep.awareness[:, k])[0, 1]
    return found


def main() -> None:
    """Look at twins, print the agreement, draw the best."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", default="default")
    parser.add_argument("--twins", type=int, default=60, help="how many are looked at")
    parser.add_argument("--seed", type=int, default=0, help="of their choice")
    options = parser.parse_args()

    engine = connect(checkpoint=options.checkpoint)
    twins = [s for s in read_samples().samples.values() if s.role == "twin"]
    rng = np.random.default_rng(options.seed)
    chosen = rng.permutation(len(twins))[: options.twins]
    sweeps, scores = [], []
    for twin in (twins[index] for index in chosen):
        image, _ = read_image(twin.path.read_bytes(), twin.name)
        spec = SweepSpec("down", image.height // 8, max(1, image.height // 64))
        sweeps.append(engine.sweep(image, spec))
        scores.append(agreement(sweeps[-1]))
    every = np.array(scores)  # (twins, K)
    print(
        f"{len(chosen)} twins, correlation of lost awareness with the true hidden share: median "
        f"{np.nanmedian(every):.2f}, middle half {np.nanpercentile(every, 25):.2f} to "
        f"{np.nanpercentile(every, 75):.2f}"
    )
    for k, values in enumerate(every.T, start=1):
        print(f"landmark {k}: median {np.nanmedian(values):.2f} of {np.isfinite(values).sum()}")
    best = int(np.argmax(np.nan_to_num(every, nan=-1.0).mean(axis=1)))
    print(f"best: {twins[chosen[best]].name}, mean {np.nanmean(every[best]):.2f}")
    info = engine.info()
    names = landmark_names(info.metrics, info.num_landmarks)
    axis = "middle of the bar from the top, px"
    FIGURE.write_bytes(sweep_png(sweeps[best], names, axis))


if __name__ == "__main__":
    main()
