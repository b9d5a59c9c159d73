"""Rank lists, failures and comparisons as tables for other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aonet_core.analysis.failures.difference import Contrast
from aonet_core.analysis.failures.shares import diagnose_all
from aonet_core.names import cell
from aonet_core.results.evaluation import Evaluation

if TYPE_CHECKING:
    import pandas as pd


def rank_table(evaluation: Evaluation) -> pd.DataFrame:
    """One line a query and rank: file names, score, and whether it is right."""
    import pandas as pd

    count, top = evaluation.top_names.shape
    filled = (evaluation.top_names != "").ravel()
    columns = {
        "query": np.repeat(evaluation.names, top),
        "query_pid": np.repeat(evaluation.pids, top),
        "rank": np.tile(np.arange(1, top + 1), count),
        "gallery": evaluation.top_names.ravel(),
        "score": evaluation.top_similarity.ravel(),
        "right": evaluation.top_right.ravel(),
    }
    return pd.DataFrame({name: values[filled] for name, values in columns.items()})


def failure_table(evaluation: Evaluation) -> pd.DataFrame:
    """One line a query: figures, both best matches, the cause with its numbers; unknown is empty.

    Landmarks are numbered from 1.
    """
    import pandas as pd

    diagnoses = diagnose_all(evaluation)
    right, wrong = evaluation.right, evaluation.wrong
    own = [[rule for rule in each.rules if rule.cause == each.cause][0] for each in diagnoses]
    blamed = [None if each.landmark is None else each.landmark for each in diagnoses]
    columns = {
        "query": evaluation.names,
        "pid": evaluation.pids,
        "camid": evaluation.camids,
        "average_precision": evaluation.average_precision,
        "first_rank": evaluation.first_rank,
        "right_matches": evaluation.num_right,
        "sum_awareness": evaluation.awareness.sum(axis=1),
        "hidden_share": evaluation.hidden,
        "occluder": evaluation.occluder,
        "cause": [each.cause for each in diagnoses],
        "blamed_landmark": pd.array([None if k is None else k + 1 for k in blamed], dtype="Int64"),
        "evidence": ["; ".join(condition.text for condition in rule.conditions) for rule in own],
        "judged_by": ["truth" if each.with_truth else "awareness" for each in diagnoses],
        "rank_without_blamed": [
            np.nan if k is None else evaluation.rank_without[row, k] for row, k in enumerate(blamed)
        ],
        "right": right.names,
        "right_similarity": right.similarity,
        "wrong": wrong.names,
        "wrong_similarity": wrong.similarity,
        "margin": evaluation.margin,
    }
    for k in range(evaluation.awareness.shape[1]):
        columns[f"awareness_{k + 1}"] = evaluation.awareness[:, k]
        columns[f"true_visibility_{k + 1}"] = evaluation.visibility[:, k]
        columns[f"right_share_{k + 1}"] = right.shares[:, k]
        columns[f"wrong_share_{k + 1}"] = wrong.shares[:, k]
        columns[f"lead_{k + 1}"] = evaluation.lead_by_landmark[:, k]
    return pd.DataFrame(columns)


def contrast_table(contrast: Contrast) -> pd.DataFrame:
    """One line a query: before, after, the outcome."""
    import pandas as pd

    return pd.DataFrame(
        {
            "query": contrast.names,
            "average_precision_before": contrast.before,
            "average_precision_after": contrast.after,
            "difference": contrast.difference,
            "first_rank_before": contrast.rank_before.astype(int),
            "first_rank_after": contrast.rank_after.astype(int),
            "outcome": contrast.outcome,
            "cause_before": contrast.cause_before,
            "cause_after": contrast.cause_after,
        }
    )


def to_csv(table: pd.DataFrame) -> bytes:
    """A table as UTF-8; text is written as `aonet_core.names.cell` says."""
    table = table.copy()
    for name in table.select_dtypes(include=["object", "string"]).columns:
        table[name] = table[name].map(lambda each: cell(str(each)), na_action="ignore")
    return table.to_csv(index=False).encode("utf-8")
