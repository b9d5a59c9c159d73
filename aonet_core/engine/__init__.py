"""One interface for everything the network can tell, in this process or far away.

Importing this package loads neither torch nor a plotting library.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

from aonet_core.analysis.failures.difference import OUTCOMES, Contrast, contrast
from aonet_core.analysis.failures.evidence import Condition, Rule
from aonet_core.analysis.failures.rules import CAUSES, Cause, Diagnosis, diagnose
from aonet_core.analysis.failures.shares import CauseShare, Removal, cause_shares, diagnose_all
from aonet_core.analysis.failures.tables import contrast_table, failure_table, rank_table, to_csv
from aonet_core.analysis.paper import CITATION, PAPER_TABLES, PaperTable
from aonet_core.analysis.photographs.shift import MIN_PICTURES as MIN_PICTURES_TO_ADAPT
from aonet_core.analysis.photographs.shift import Familiar, familiar_of
from aonet_core.engine.adapted import AdaptedEngines
from aonet_core.engine.http.errors import EngineAway, EngineDenied
from aonet_core.engine.local.first_answer import FirstAnswer, kept_first_answer, picture_digest
from aonet_core.engine.protocol import Engine
from aonet_core.errors import GalleryBusy, GalleryError
from aonet_core.gallery.samples import (
    Sample,
    SampleSet,
    hidden_landmarks,
    landmark_visibility,
    read_samples,
    sample_cutout,
)
from aonet_core.gallery.uploads import ImageError, image_size, read_cutout, read_image
from aonet_core.lazy import uncollected
from aonet_core.names import cell, in_markdown, readable
from aonet_core.occlusion import (
    FILLS,
    METHODS,
    MOTIONS,
    TARGETS,
    Attribution,
    Cancelled,
    Circle,
    Counterfactual,
    Crop,
    Edit,
    Edited,
    EditError,
    Fill,
    LandmarkRemoval,
    Occluder,
    Pictures,
    Polygon,
    Progress,
    Rectangle,
    Shape,
    Stamp,
    Stroke,
    Sweep,
    SweepSpec,
    Target,
    apply_edit,
    edit_from_json,
    edit_from_token,
    edit_to_json,
    edit_to_token,
    rasterise,
    shipped_occluders,
    shipped_picture,
    sources,
)
from aonet_core.results.adaptation import Adaptation
from aonet_core.results.atlas import Atlas
from aonet_core.results.cost import Cost
from aonet_core.results.evaluation import Best, Evaluation, ScoreHistogram, Setting
from aonet_core.results.gallery import (
    BuildReport,
    GalleryEntry,
    GalleryInfo,
    Matches,
    MatchOptions,
)
from aonet_core.results.landmarks import (
    Comparison,
    Embedded,
    EngineInfo,
    LandmarkAnalysis,
    embedded,
)
from aonet_core.results.model import ModelFacts, Network
from aonet_core.results.pair import Matched, Pair, Without
from aonet_core.results.projection import KINDS as PROJECTION_KINDS
from aonet_core.results.projection import METRICS as PROJECTION_METRICS
from aonet_core.results.projection import Placed, Projection, ProjectionSpec, Quality, stage_at
from aonet_core.results.queries import Queries

__all__ = [
    "Adaptation",
    "AdaptedEngines",
    "Atlas",
    "Attribution",
    "Best",
    "BuildReport",
    "CAUSES",
    "CITATION",
    "Cancelled",
    "Cause",
    "CauseShare",
    "Circle",
    "Comparison",
    "Condition",
    "Contrast",
    "Cost",
    "Counterfactual",
    "Crop",
    "Diagnosis",
    "Edit",
    "EditError",
    "Edited",
    "Embedded",
    "Engine",
    "EngineAway",
    "EngineDenied",
    "EngineInfo",
    "Evaluation",
    "MIN_PICTURES_TO_ADAPT",
    "FILLS",
    "Familiar",
    "Fill",
    "GalleryBusy",
    "GalleryEntry",
    "GalleryError",
    "GalleryInfo",
    "ImageError",
    "LandmarkAnalysis",
    "LandmarkRemoval",
    "METHODS",
    "MOTIONS",
    "MatchOptions",
    "Matched",
    "Matches",
    "OUTCOMES",
    "ModelFacts",
    "Network",
    "Occluder",
    "PAPER_TABLES",
    "Pair",
    "PaperTable",
    "Pictures",
    "PROJECTION_KINDS",
    "PROJECTION_METRICS",
    "Placed",
    "Polygon",
    "Progress",
    "Projection",
    "ProjectionSpec",
    "Quality",
    "Queries",
    "Rectangle",
    "Removal",
    "Rule",
    "Sample",
    "SampleSet",
    "ScoreHistogram",
    "Setting",
    "Shape",
    "Stamp",
    "Stroke",
    "Sweep",
    "SweepSpec",
    "TARGETS",
    "Target",
    "Without",
    "apply_edit",
    "cause_shares",
    "cell",
    "FirstAnswer",
    "connect",
    "kept_first_answer",
    "picture_digest",
    "contrast",
    "contrast_table",
    "diagnose",
    "diagnose_all",
    "edit_from_json",
    "edit_from_token",
    "edit_to_json",
    "edit_to_token",
    "embedded",
    "failure_table",
    "familiar_of",
    "hidden_landmarks",
    "in_markdown",
    "image_size",
    "landmark_visibility",
    "rank_table",
    "rasterise",
    "read_cutout",
    "read_image",
    "read_samples",
    "readable",
    "sample_cutout",
    "shipped_occluders",
    "shipped_picture",
    "sources",
    "stage_at",
    "to_csv",
]


def connect(
    url: str | None = None,
    token: str | None = None,
    checkpoint: str | Path = "default",
    samples: str | Path | None = None,
    galleries: str | Path | None = None,
    links: bool = True,
) -> Engine:
    """Return an engine.

    Args:
        url: Address of a server, such as http://host:8700; None runs the engine in this process.
        token: Bearer token of that server.
        checkpoint: Shipped name or path; for a server the name of one that it has.
        samples: Folder of the synthetic set whose gallery is "sample"; the shipped one by default.
            A server has its own.
        galleries: Folder of galleries; the environment variable AONET_GALLERIES or the user's cache
            folder by default. A server has its own.
        links: Whether links may lead out of folders; see `aonet_core.trust`. For a server never.

    Raises:
        ValueError: The address is none, a token has no address, or the checkpoint does not fit.
        FileNotFoundError: There is no such checkpoint.
    """
    if url:
        from aonet_core.engine.http.remote import RemoteEngine

        return cast(Engine, RemoteEngine(url, token, str(checkpoint)))  # made of the protocol
    if token:
        raise ValueError("a token is for a server: expected its address too, got none")
    with uncollected():
        from aonet_core.engine.local.engine import LocalEngine

    return LocalEngine(
        checkpoint,
        samples=Path(samples) if samples else None,
        galleries=Path(galleries) if galleries else None,
        links=links,
    )
