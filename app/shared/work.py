"""Long work: announced with its time, shown as it goes on, stopped on request, and kept.

It goes on in the background when the page is left, and is shown when one comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import cast

import streamlit as st

from app import services
from app.services import visitor
from app.services.jobs import Job, Result, Work, about, jobs, patience

SHOWN = "work_shown"
"""Key in the session's state: of each kind of work, the key of the result that was shown last."""
AT_ONCE = 0.4
"""Seconds between looks at work that goes on; what is done by the first one is not announced."""


def result(
    name: str,
    key: Hashable,
    label: str,
    work: Work[Result],
    looks: float = 0,
    *,
    more: float = 0,
    shared: bool = False,
    ask: Hashable = None,
    unlike: tuple[str, str] | None = None,
    partly: Callable[[Result], object] | None = None,
    stage: Callable[[int, int], str] | None = None,
) -> Result | None:
    """What `work` returns for `key`: as kept, or worked out now; None while it is not there.

    Args:
        name: What kind of work it is.
        key: All that the result depends on.
        label: Shown while it goes on.
        work: Does it, in a thread of its own, without this session.
        looks: How many times the network will look at a picture; where that is expected to take
            long, the visitor is asked first.
        more: Looks of other work that will follow.
        shared: Everybody's: it belongs to no visitor.
        ask: Works that are asked for together by one click.
        unlike: Why the visitor is asked however long it takes, and what the click is called.
        partly: Draws what there is so far.
        stage: What is being done, by what is done and the total, instead of numbers.

    Raises:
        UserError: It could not be done.
    """
    outcome = cast(Result | None, _kept(name, key))
    if outcome is None:
        ask = (name, key) if ask is None else ask
        outcome = _made(name, key, label, work, (looks, more), shared, ask, unlike, partly, stage)
    if outcome is not None:
        st.session_state.setdefault(SHOWN, {})[name] = key
    return outcome


def before(name: str, first: Hashable, kind: type[Result]) -> tuple[tuple, Result] | None:
    """The key and the result of a kind of work that were shown last, to go on showing them.

    Args:
        name: What kind of work it is.
        first: What the key must begin with.
        kind: Of the result.
    """
    key = st.session_state.get(SHOWN, {}).get(name)
    outcome = _kept(name, key) if key and key[0] == first else None
    return (key, outcome) if isinstance(outcome, kind) else None


def _kept(name: str, key: Hashable) -> object | None:
    return visitor.belongings().results.get((services.info().digest, name, key))


def _made(
    name: str,
    key: Hashable,
    label: str,
    work: Work[Result],
    looks: tuple[float, float],
    shared: bool,
    ask: Hashable,
    unlike: tuple[str, str] | None,
    partly: Callable[[Result], object] | None,
    stage: Callable[[int, int], str] | None,
) -> Result | None:
    """What the work gave once it is done; None while it was not asked for, or was stopped."""
    place = ("" if shared else visitor.secret(), name, (services.info().digest, key))
    job = jobs().get(*place)
    if job is None or job.stopped:
        if not _wanted(name, label, sum(looks), ask, job is not None, unlike):
            return None
        job = jobs().start(*place, work, looks[0])
    _watch(job, name, label, partly, stage)
    if job.stopped:
        _wanted(name, label, sum(looks), ask, True, unlike)
        return None
    jobs().drop(*place)
    if job.error is not None:
        raise job.error
    visitor.put("results", (services.info().digest, name, key), job.result)
    return job.result


def _wanted(
    name: str,
    label: str,
    looks: float,
    ask: Hashable,
    stopped: bool,
    unlike: tuple[str, str] | None,
) -> bool:
    """Whether to begin: not without being asked once it was stopped, or where it takes long."""
    clicked = st.session_state.setdefault("work_asked", set())
    seconds = jobs().expected(looks)
    if st.session_state.pop(f"again {name}", None) == ask:
        return True
    if stopped:
        clicked.discard(ask)
    elif ask in clicked or (seconds <= patience() and not unlike):
        return True
    what = f"{label[0].lower()}{label[1:]}"
    why, button = unlike or (label, "Run")
    sentence = f"Stopped: {what}." if stopped else f"{why}."
    if seconds > 1:
        sentence += f" {label if unlike and not stopped else 'It'} takes {about(seconds)} here"
        sentence += ", and goes on while you look at other pages."
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            button, key=f"run {name}", on_click=_ask, args=(name, ask),
            icon=":material/play_arrow:", type="primary",
        )  # fmt: skip
        st.info(sentence)
    return False


def _ask(name: str, ask: Hashable) -> None:
    st.session_state["work_asked"].add(ask)
    st.session_state[f"again {name}"] = ask


def _watch(
    job: Job[Result],
    name: str,
    label: str,
    partly: Callable[[Result], object] | None,
    stage: Callable[[int, int], str] | None,
) -> None:
    """Show how far a job is until it is done; a click, and another page, end only the looking."""
    job.wait(AT_ONCE)
    if not job.running:
        return
    place, shown, parts = st.empty(), st.empty(), 0
    with place.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0)
        st.button("Cancel", key=f"stop {name} {label}", on_click=_stop, args=(job,))
    while job.running and not job.stopped:
        done = f"{label}: {job.done} of {job.total}" if job.done else f"{label}…"
        text = stage(job.done, job.total) if stage else done
        if job.left > 1:
            text += f", {about(job.left)} left"
        bar.progress(min(1.0, job.done / job.total), text)
        if partly and job.result is not None and job.parts > parts:
            parts = job.parts
            with shown.container():
                partly(job.result)
        job.wait(AT_ONCE)
    place.empty()
    shown.empty()


def _stop(job: Job) -> None:
    job.stopped = True


def kept(first: Hashable) -> dict[tuple, object]:
    """Results whose key begins with `first`, by the name of their kind and the rest of the key."""
    digest, results = services.info().digest, dict(visitor.belongings().results)
    return {
        (name, *key[1:]): value
        for (made_by, name, key), value in results.items()
        if made_by == digest and isinstance(key, tuple) and key[0] == first
    }
