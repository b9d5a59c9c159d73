"""Does weighting landmarks pay where occlusion is heavy: mAP by the share of the body hidden."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from aonet_core.analysis.fidelity import bootstrap
from aonet_core.analysis.json_types import mean_known

BOUNDS = (0.3, 0.5)
"""Hidden shares of the body between which queries are told apart; a bound belongs to the upper."""
PLAIN_FORM = "unweighted"


def precision_by_hidden(precision: Mapping[str, np.ndarray], hidden: np.ndarray) -> list[dict]:
    """Average the precision of every form over queries of about the same hidden share.

    Args:
        precision: Average precision (Q,) of every query by form of the match, NaN where the query
            has no match; "unweighted" is what the others are compared with.
        hidden: (Q,) share of the body that is hidden, in [0, 1]; NaN leaves the query out.

    Returns:
        One entry a range, the least hidden first: its bounds `above` and `below`, `num_queries`
        with a match, `mean_ap` by form, and by form `gain` over the unweighted match with its 95 %
        `gain_interval`, from resampled queries. NaN where there are no queries.
    """
    ranges = []
    for above, below in zip((0.0, *BOUNDS), (*BOUNDS, 1.0), strict=True):
        inside = (hidden >= above) & (hidden <= below if below == 1.0 else hidden < below)
        inside &= np.isfinite(precision[PLAIN_FORM])
        gains = {
            form: bootstrap(mean_known, values[inside] - precision[PLAIN_FORM][inside])
            for form, values in precision.items()
            if form != PLAIN_FORM
        }
        ranges.append(
            {
                "above": above,
                "below": below,
                "num_queries": int(inside.sum()),
                "mean_ap": {form: mean_known(v[inside]) for form, v in precision.items()},
                "gain": {form: gain.value for form, gain in gains.items()},
                "gain_interval": {form: [gain.low, gain.high] for form, gain in gains.items()},
            }
        )
    return ranges
