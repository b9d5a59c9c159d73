"""`python -m aonet_core report failures`: why queries fail, and whether the reasons are true."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aonet_core.analysis.evaluation.ground_truth import GroundTruth
    from aonet_core.analysis.evaluation.query_search import EmbeddedSet
    from aonet_core.results.evaluation import Evaluation


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subject's options."""
    parser.add_argument("--data", required=True, help="folder of the data set")
    parser.add_argument("--dataset", default="auto", help="its layout (default: recognised)")
    parser.add_argument("--checkpoint", default="default", help="shipped name or path")
    parser.add_argument("--device", help="cpu, cuda, … (default: the fastest)")
    parser.add_argument("--out", type=Path, help="write the page as Markdown")
    parser.add_argument("--csv", type=Path, help="folder for failures.csv and ranks.csv")


def run(arguments: argparse.Namespace) -> int:
    """Evaluate in every form of the match and print the page."""
    from aonet_core.analysis.failures.tables import failure_table, rank_table, to_csv
    from aonet_core.data.left_out import sentence
    from aonet_core.data.readers import read_dataset
    from aonet_core.model.checkpoint import load_checkpoint
    from aonet_core.model.precision import usable_device
    from aonet_core.reports.failures_page import page
    from aonet_core.retrieval.similarity import FORMS

    dataset = read_dataset(arguments.data, arguments.dataset)
    model, card = load_checkpoint(arguments.checkpoint, usable_device(arguments.device))
    query, gallery, truth = _embedded(model, dataset)
    name = Path(arguments.checkpoint).stem
    own = model.config.similarity
    forms = [own, *(form for form in FORMS if form != own)]
    evaluations = {
        form: _evaluate(query, gallery, truth, dataset.name, (name, card["sha256"]), form)
        for form in forms
    }
    if left_out := sentence((*dataset.left_out, *dataset.without_match())):
        notes = (*evaluations[own].notes, f"{left_out}.")
        evaluations[own] = replace(evaluations[own], notes=notes)
    text = page(evaluations, gallery.camids, _command(arguments))
    if arguments.out is None:
        print(text)
    else:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(text, encoding="utf-8")
    if arguments.csv is not None:
        arguments.csv.mkdir(parents=True, exist_ok=True)
        for stem, table in (("failures", failure_table), ("ranks", rank_table)):
            content = to_csv(table(evaluations[own]))
            (arguments.csv / f"{stem}.csv").write_bytes(content)
    return 0


def _embedded(model, dataset) -> tuple[EmbeddedSet, EmbeddedSet, GroundTruth]:
    """Run the network on queries, gallery and twins."""
    import numpy as np

    from aonet_core.analysis.embedding import run_files
    from aonet_core.analysis.evaluation.ground_truth import known_of
    from aonet_core.analysis.evaluation.query_search import EmbeddedSet
    from aonet_core.analysis.truth import read_truth

    def embed(samples, label: str) -> EmbeddedSet:
        records = run_files(model, [sample.path for sample in samples], label)
        names = [sample.name for sample in samples]
        pids = np.array([sample.pid for sample in samples])
        camids = np.array([sample.camid for sample in samples])
        return EmbeddedSet(np.array(names), pids, camids, records.embedding)

    query = embed(dataset.query, "embedding queries")
    gallery = embed(dataset.gallery, "embedding gallery")
    truth = known_of(
        read_truth(dataset),
        [sample.path for sample in dataset.query],
        model.config.num_landmarks,
        lambda files: run_files(model, files, "embedding twins").referenced_response_map,
    )
    return query, gallery, truth


def _evaluate(
    query: EmbeddedSet,
    gallery: EmbeddedSet,
    truth: GroundTruth,
    data: str,
    network: tuple[str, str],
    form: str,
) -> Evaluation:
    from aonet_core.analysis.evaluation.queries import evaluate_queries
    from aonet_core.results.evaluation import Setting

    setting = Setting(*network, data, "", data, "", form)
    return evaluate_queries(query, gallery, setting, truth)


def _command(arguments: argparse.Namespace) -> str:
    words = f"python -m aonet_core report failures --data {arguments.data}"
    if arguments.dataset != "auto":
        words += f" --dataset {arguments.dataset}"
    words += f" --checkpoint {arguments.checkpoint}"
    for option in ("out", "csv"):
        if getattr(arguments, option) is not None:
            words += f" --{option} {getattr(arguments, option)}"
    return words
