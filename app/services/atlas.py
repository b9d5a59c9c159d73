"""What the pages of the atlas and of the model ask."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from aonet_core.engine import Atlas, Cost, ModelFacts, Progress
from app import services

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "docs" / "results"
"""Where the project's own results are written down."""


def atlas(gallery: str, progress: Progress | None = None) -> Atlas:
    """A gallery seen landmark by landmark; kept on disk.

    Raises:
        UserError: There is no such gallery, or it cannot be used.
    """
    return services.ask(lambda engine: engine.atlas(gallery, progress))


def ready(gallery: str) -> bool:
    """Whether it is on disk already.

    Raises:
        UserError: As `atlas`.
    """
    return services.ask(lambda engine: engine.atlas_ready(gallery))


@st.cache_resource(max_entries=4, show_spinner=False)
def _facts(checkpoint: str) -> ModelFacts:
    return services.ask(lambda engine: engine.facts())


def facts() -> ModelFacts:
    """What the checkpoint holds.

    Raises:
        UserError: The engine is not there.
    """
    return _facts(services.info().digest)


@st.cache_data(max_entries=4, show_spinner=False)
def _costs(checkpoint: str) -> tuple[Cost, ...]:
    return services.ask(lambda engine: engine.costs())


def costs() -> tuple[Cost, ...]:
    """What the network and the paper's cost, its own first.

    Raises:
        UserError: The engine is not there.
    """
    return _costs(services.info().digest)


@dataclass(frozen=True)
class Ablation:
    """The ablation's results.

    Attributes:
        rows: Figures and facts of every row that was planned, by name.
        command: That made them.
        problem: Why there are none; "" where there are.
    """

    rows: dict[str, dict]
    command: str = ""
    problem: str = ""


def ablation() -> Ablation:
    """Results of `report ablation`, as far as they have got."""
    file = RESULTS / "ablation.json"
    if not file.is_file():
        return Ablation({}, problem="The ablation has not been run yet.")
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        rows = {row["name"]: row for table in content["tables"] for row in table["rows"]}
        return Ablation(rows, str(content.get("command", "")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        return Ablation({}, problem=f"{file.name} cannot be read: {error}.")


def reports() -> dict[str, Path]:
    """The project's written results by their headings; none where they were not installed."""
    files = {}
    for file in sorted(RESULTS.glob("*.md")):
        heading = file.read_text(encoding="utf-8").partition("\n")[0]
        files[heading.lstrip("# ") or file.stem] = file
    return files


def data_card() -> str:
    """How the samples were made, as Markdown; "" where nobody wrote it down."""
    file = services.samples().folder / "DATACARD.md"
    return file.read_text(encoding="utf-8") if file.is_file() else ""
