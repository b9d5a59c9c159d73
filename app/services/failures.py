"""The whole query set evaluated, its failures and their causes, and two evaluations compared."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from aonet_core import engine as core
from aonet_core.engine import Contrast, Diagnosis, Engine, Evaluation, MatchOptions, Progress
from app import services
from app.services import connection, galleries, networks
from app.services.galleries import MEMBER, SAMPLE


def evaluation(
    gallery_name: str, options: MatchOptions, checkpoint: str = "", progress: Progress | None = None
) -> Evaluation:
    """Rank the gallery for every query of its set; kept on disk.

    Args:
        gallery_name: Whose queries.
        options: How alike two pictures are said to be.
        checkpoint: As of `ask_of`.
        progress: Told of pictures or queries done and their number.

    Raises:
        UserError: There are no queries, or something is not there.
    """
    return ask_of(
        checkpoint,
        lambda engine: engine.evaluate(gallery_name, options=options, progress=progress),
    )


def known(gallery_name: str) -> bool:
    """Whether anything can fail: there are queries, or who is on the gallery's pictures is known.

    Raises:
        UserError: There is no such gallery.
    """
    if galleries.queries(gallery_name).names:
        return True
    return any(pid > 0 for pid in galleries.gallery(gallery_name).pids)


def ready(gallery_name: str, options: MatchOptions, checkpoint: str = "") -> bool:
    """Whether an evaluation is on disk already; not where there is nothing to evaluate."""
    try:
        return ask_of(
            checkpoint, lambda engine: engine.evaluation_ready(gallery_name, options=options)
        )
    except services.UserError:
        return False


def ask_of(checkpoint: str, question: Callable[[Engine], connection.Answer]) -> connection.Answer:
    """What the engine of a checkpoint answers.

    Args:
        checkpoint: Its name or path, a name of `networks`, or "" for the one in use.
        question: What it is asked.

    Raises:
        UserError: There is no such checkpoint, or it refused.
    """
    if not checkpoint:
        return services.ask(question)
    if networks.is_own(checkpoint):
        with networks.using(checkpoint):
            return services.ask(question)
    return services.ask(lambda _: question(_other_engine(checkpoint)))


@st.cache_resource(max_entries=3, show_spinner=False)
def _other_engine(checkpoint: str) -> Engine:
    return connection.connect_to(checkpoint)


def diagnosis(evaluation: Evaluation, name: str) -> Diagnosis | None:
    """Why a query failed, None where it is not among those evaluated."""
    rows = [row for row, other in enumerate(evaluation.names) if other == name]
    return core.diagnose(evaluation, rows[0]) if rows else None


def contrast(a: Evaluation, b: Evaluation) -> Contrast:
    """What was won and lost from one evaluation to another, query by query.

    Raises:
        UserError: They are not of the same queries.
    """
    return services.ask(lambda _: core.contrast(a, b))


def key_of(gallery_name: str, name: str) -> str:
    """The key of a query of an evaluation."""
    return name if gallery_name == SAMPLE else MEMBER + name


def title_of(gallery_name: str, name: str) -> str:
    """What a query is called on the page."""
    sample = services.samples().samples.get(name) if gallery_name == SAMPLE else None
    return sample.title if sample else core.readable(name)


def opponent(evaluation: Evaluation, row: int) -> str:
    """The match that tells most of a query: the best wrong one where it failed, else the first."""
    first_is_right = evaluation.first_rank[row] == 1
    side = evaluation.right if first_is_right else evaluation.wrong
    return str(side.names[row])
