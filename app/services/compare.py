"""Two networks, or two forms of the match, asked about the same picture."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st
from PIL import Image

from aonet_core import engine as core
from aonet_core.engine import (
    Edit,
    EngineInfo,
    LandmarkAnalysis,
    MatchOptions,
    Network,
    Progress,
)
from app import services
from app.services import Panel, Photo, failures, galleries, lab, retrieval
from app.services import networks as networks_of_visitor
from app.services.galleries import SAMPLE
from app.services.networks import OWN
from app.services.retrieval import Entry, Query

SL = "sl"
"""The match of features without the reference, beside the forms."""
TOP = 8
"""Matches that are shown."""
FIRST = 10
"""Ranks that two rankings are compared over."""


@dataclass(frozen=True)
class Ranking:
    """The samples' gallery ranked for a picture by one network.

    Attributes:
        entries: The best matches.
        names: (n,) of all pictures that count, best first.
        right_ranks: Ranks of the right matches, from 1 on; None where the truth is not known.
        form: Form of the match.
    """

    entries: tuple[Entry, ...]
    names: np.ndarray
    right_ranks: np.ndarray | None
    form: str


@dataclass(frozen=True)
class Side:
    """One of the two that are compared.

    Attributes:
        info: What runs.
        trained: Whether anybody trained it.
        panel: The picture and what the network sees in it.
        ranking: None while its gallery has yet to be made.
    """

    info: EngineInfo
    trained: bool
    panel: Panel
    ranking: Ranking | None


def networks() -> tuple[Network, ...]:
    """What can be opened beside the network that runs.

    Raises:
        UserError: The engine is not there.
    """
    running = services.info().checkpoint
    offered = services.ask(lambda engine: engine.networks())
    titles = networks_of_visitor.titles()  # nobody else's
    own = (Network(OWN + digest, title, True) for digest, title in titles.items())
    return (*(network for network in offered if network.name != running), *own)


def info(network: str) -> EngineInfo:
    """What a network is; it is loaded if need be.

    Args:
        network: Name or path; "" for the one that runs here.

    Raises:
        UserError: There is no such network.
    """
    return failures.ask_of(network, lambda engine: engine.info())


def ready(network: str) -> bool:
    """Whether its gallery can be searched without looking at the samples first.

    Raises:
        UserError: There is no such network, or there are no samples.
    """
    return failures.ask_of(network, lambda engine: engine.gallery_ready(SAMPLE))


def make_gallery(network: str, progress: Progress) -> int:
    """Look at the samples; how many they are.

    Raises:
        UserError: It cannot be done.
    """
    gallery = failures.ask_of(network, lambda engine: engine.gallery(SAMPLE, progress))
    return len(gallery.names)


def look(network: str, shown: Photo, edit: Edit | None = None) -> Panel:
    """Look at a picture, with parts hidden where an edit is given.

    Raises:
        UserError: The network is not there, or the edit cannot be done.
    """

    def analysis(image: Image.Image) -> LandmarkAnalysis:
        return _analyze(network, info(network).digest, core.picture_digest(image), image)

    if edit is not None:
        edited = lab.apply(shown.image, edit)
        visible = 1 - core.hidden_landmarks(analysis(shown.image), edited.mask)
        title = f"{shown.title} · {100 * edited.hidden:.0f} % hidden by hand"
        shown = replace(shown, title=title, image=edited.image, notes=tuple(edited.notes))
        return Panel(shown, analysis(edited.image), visible)
    return services.panel_by(shown, lambda each: analysis(each.image))


@st.cache_data(max_entries=48, show_spinner=False)
def _analyze(network: str, checkpoint: str, picture: str, _image: Image.Image) -> LandmarkAnalysis:
    return failures.ask_of(network, lambda engine: engine.analyze([_image])[0])


def options(match: str) -> MatchOptions:
    """The match by its name: a form, `SL`, or "" for the checkpoint's own form."""
    return MatchOptions(features=SL) if match == SL else MatchOptions(form=match or None)


def knows_sl(network_info: EngineInfo) -> bool:
    """Whether a network's galleries hold features without the reference."""
    config = network_info.card.get("config", {})
    return not (config.get("attention") and config.get("retrieval_features") == "attended")


def rank(network: str, panel: Panel, match: str) -> Ranking:
    """Rank the samples' gallery, exactly.

    Raises:
        UserError: There is nothing to rank, or the match does not fit the network.
    """
    sample = panel.photo.sample
    query = Query(panel, sample.name, int(sample.pid), int(sample.camid)) if sample else Query(
        panel, "", 0, 0
    )  # fmt: skip
    gallery = failures.ask_of(network, lambda engine: engine.gallery(SAMPLE))
    kinds = retrieval.verdicts(query, gallery)
    rows = np.flatnonzero((kinds != "junk") & (kinds != "self"))
    if not len(rows):
        raise services.UserError("The samples' gallery holds no picture besides the query.")
    match_options = options(match)
    shares = failures.ask_of(
        network, lambda engine: engine.shares(query.embedded, SAMPLE, match_options)
    )  # (G, K)
    similarity = shares.sum(axis=1)
    rows = rows[np.argsort(-similarity[rows], kind="stable")]
    entries = tuple(
        Entry(
            place + 1, gallery.names[row], galleries.title_of(gallery, int(row)),
            gallery.camids[row], str(kinds[row]), float(similarity[row]), shares[row],
        )
        for place, row in enumerate(rows[:TOP])
    )  # fmt: skip
    right = np.flatnonzero(kinds[rows] == "right") + 1 if query.pid > 0 else None
    own = info(network).similarity
    form = "unweighted" if match == SL else match or own
    return Ranking(entries, np.array(gallery.names)[rows], right, form)


@dataclass(frozen=True)
class Agreement:
    """How alike two rankings of the same pictures are.

    Attributes:
        shared: Pictures that are among the first ten of both.
        out_of: Ten, or fewer where there are fewer pictures.
        correlation: Spearman's, over all pictures; NaN for one picture.
    """

    shared: int
    out_of: int
    correlation: float


def agreement(a: Ranking, b: Ranking) -> Agreement | None:
    """Compare two rankings; None where they are not of the same pictures."""
    place = {name: row for row, name in enumerate(b.names)}
    if len(a.names) != len(b.names) or any(name not in place for name in a.names):
        return None
    ranks = np.array([place[name] for name in a.names])
    shared = len({*a.names[:FIRST]} & {*b.names[:FIRST]})
    known = len(ranks) > 1
    rho = float(np.corrcoef(np.arange(len(ranks)), ranks)[0, 1]) if known else float("nan")
    return Agreement(shared, min(FIRST, len(ranks)), rho)
