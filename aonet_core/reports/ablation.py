"""What the runs of the ablation say, row by row: means and spreads over seeds."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from aonet_core.reports.rows import Row, Table
from aonet_core.reports.runs import Run, read_figures
from aonet_core.retrieval import FORMS

SETTLED_SHARE = 0.8
"""A landmark is settled if this share of its peaks lies on one body region."""


def summarise(tables: Sequence[Table], runs: Sequence[Run]) -> list[dict]:
    """Gather the figures of all rows.

    Args:
        tables: What to compare.
        runs: All runs of their rows, finished or not.

    Returns:
        Per table `title`, `full` and `rows`. A row has `name`, `what`, `recipe`, `changes`, the
        paper's figures or None, `failed` (seed to reason), `missing` (seeds), `figures`, and
        `difference`, the figures less those of the full row, seed by seed. A figure has its
        `mean`, its `spread` (sample standard deviation; None for a single seed), and its `values`
        by seed.
    """
    contents = {(run.row.name, run.recipe.seed): read_figures(run) for run in runs}
    landmarks = {
        run.row.name: run.recipe.network(num_ids=1).landmark_features != "gap" for run in runs
    }
    seeds = sorted({run.recipe.seed for run in runs})
    measured = {
        key: measures(content["figures"], landmarks[key[0]])
        for key, content in contents.items()
        if content and "figures" in content
    }

    def by_seed(name: str) -> dict[int, dict]:
        return {seed: measured[name, seed] for seed in seeds if (name, seed) in measured}

    def summary(row: Row, full: str) -> dict:
        own, reference = by_seed(row.name), by_seed(full)
        less = {
            seed: {name: _less(value, reference[seed].get(name)) for name, value in figures.items()}
            for seed, figures in own.items()
            if seed in reference and row.name != full
        }
        mine = {seed: contents.get((row.name, seed)) for seed in seeds}
        return asdict(row) | {
            "failed": {s: c["failed"] for s, c in mine.items() if c and "failed" in c},
            "missing": [seed for seed, content in mine.items() if content is None],
            "figures": _over_seeds(own),
            "difference": _over_seeds(less),
        }

    return [
        {
            "title": table.title,
            "full": table.full,
            "rows": [summary(row, table.full) for row in table.rows],
        }
        for table in tables
    ]


def measures(figures: dict, has_landmarks: bool) -> dict[str, float | None]:
    """Pick what the tables show from the figures of one run.

    Args:
        figures: As `evaluate_dataset` gives them.
        has_landmarks: Whether the network has any; if not, figures about them are left out.
    """
    result = {name: figures[name] for name in ("rank1", "mean_ap")}
    result |= {f"mean_ap_{form}": figures["mean_ap_by_similarity"][form] for form in FORMS}
    low, high = figures["mean_ap_interval"]
    result["mean_ap_half_interval"] = (high - low) / 2
    if not has_landmarks:
        return result
    for name in ("awareness_auroc", "false_alarm_without", "false_alarm_with"):
        result[name] = figures.get(name)
    if "mean_awareness_twin" in figures:
        result["mean_awareness"] = statistics.fmean(figures["mean_awareness_twin"])
    if "landmarks" in figures:
        settled = [each for each in figures["landmarks"] if each["share"] >= SETTLED_SHARE]
        on_body = [each["region"] for each in settled if each["region"] is not None]
        result |= {
            "landmarks": len(figures["landmarks"]),
            "settled": len(on_body),
            "settled_regions": len(set(on_body)),
        }
    return result


def facts(runs: Iterable[Run]) -> dict:
    """What finished runs have in common, each fact with all values it took.

    Returns:
        `steps`, `device`, `backbone_start`, `versions` and `data` as lists of distinct values, and
        `minutes`, of all runs together.
    """
    contents = [content for run in runs if (content := read_figures(run)) and "steps" in content]
    result: dict = {}
    for name in ("steps", "device", "backbone_start", "versions", "data"):
        result[name] = []
        for content in contents:
            if content[name] not in result[name]:
                result[name].append(content[name])
    return result | {"minutes": sum(content["minutes"] for content in contents)}


def _over_seeds(by_seed: dict[int, dict[str, float | None]]) -> dict[str, dict]:
    names = next(iter(by_seed.values()), {})
    result = {}
    for name in names:
        values = {seed: figures[name] for seed, figures in by_seed.items()}
        measured = [value for value in values.values() if value is not None]
        result[name] = {
            "mean": statistics.fmean(measured) if measured else None,
            "spread": statistics.stdev(measured) if len(measured) > 1 else None,
            "values": values,
        }
    return result


def _less(value: float | None, other: float | None) -> float | None:
    return None if value is None or other is None else value - other
