"""What Retrieve, Pair and Failures are asked, kept in the address bar: a link reopens it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from aonet_core.engine import Edit, EditError, MatchOptions, edit_from_token
from app import lab_state, services
from app.state import SCALES

PREFIX = "match_"
"""Of the keys in the session's state."""
SAMPLE = "sample"
TOPS = (5, 10, 20, 50, 100, 200)
FORMS = {
    "": "the checkpoint's own",
    "eq8": "Eq. 8 as printed",
    "normalised": "Eq. 8, normalised",
    "unweighted": "without β",
    "query_weighted": "the query's β alone",
}
"""Forms of the match, in words."""
TABS = ("Failures", "Compare")
"""Of the page Failures."""


@dataclass(frozen=True)
class Choice:
    """Something that can be chosen.

    Attributes:
        default: Its value where nothing was chosen.
        read: Makes a value of the address bar's text; a ValueError means the default.
        write: Makes text of a value.
    """

    default: object
    read: Callable[[str], object] = str
    write: Callable[[object], str] = str


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(sorted({int(number) for number in text.split("-") if number}))


def _joined(values: Sequence[int]) -> str:
    return "-".join(map(str, values))


def _one_of(allowed: Sequence, kind: Callable = str) -> Callable[[str], object]:
    def read(text: str) -> object:
        if (value := kind(text)) not in allowed:
            raise ValueError(text)
        return value

    return read


def _count(text: str) -> int:
    if (value := int(text)) < 1:
        raise ValueError(text)
    return value


def _share(text: str) -> float:
    if not -1 <= (value := float(text)) <= 1:
        raise ValueError(text)
    return value


FLAG = Choice(False, lambda text: text == "1", lambda value: "1" if value else "0")
LANDMARKS = Choice((), _numbers, _joined)
CHOICES = {
    "query": Choice(""),
    "edit": Choice(""),
    "gallery": Choice(SAMPLE),
    "form": Choice("", _one_of(FORMS)),
    "sl": FLAG,
    "only": LANDMARKS,
    "rerank": FLAG,
    "page": Choice(1, _count),
    "top": Choice(20, _one_of(TOPS, int)),
    "cameras": Choice((), _numbers, _joined),
    "least": Choice(-1.0, _share, "{:.2f}".format),
    "junk": FLAG,
    "elsewhere": FLAG,
    "match": Choice(""),
    "scale": Choice("fixed", _one_of(SCALES)),
    "tab": Choice(TABS[0], _one_of(TABS)),
    "cause": Choice(""),
    "occluder": Choice(""),
    "against": Choice(""),
    "form2": Choice("", _one_of(FORMS)),
    "sl2": FLAG,
    "only2": LANDMARKS,
}
"""All that can be chosen, by its name in the address bar. `only` holds the landmarks that count,
from 1 on, and nothing where all do."""
OPTIONS = ("gallery", "form", "sl", "only", "rerank")
PAGES = {
    "retrieve": ("query", "edit", *OPTIONS, "top", "page", "cameras", "least", "junk", "elsewhere"),
    "pair": ("query", "edit", "match", *OPTIONS, "scale"),
    "failures": (*OPTIONS, "tab", "cause", "occluder", "against", "form2", "sl2", "only2"),
}
"""What each page's address names."""


def restore() -> None:
    """Fill the choices from the last run, at first from the address bar, else from the defaults."""
    kept = st.session_state.get("match_kept")
    if kept is None:
        kept = {name: _read(name, st.query_params.get(name)) for name in CHOICES}
        kept["query"] = kept["query"] or (services.samples().default_pair() or ("",))[0]
        st.session_state["match_kept"] = kept
    for name, value in kept.items():
        st.session_state.setdefault(PREFIX + name, value)
    put(**st.session_state.pop("match_later", {}))


def _read(name: str, text: str | None) -> object:
    """A value of the address bar, or the default where it makes no sense."""
    choice = CHOICES[name]
    try:
        return choice.default if text is None else choice.read(text)
    except ValueError:
        return choice.default


def remember(page: str) -> None:
    """Keep the choices for the next run and the other pages, and write a page's to its address."""
    st.session_state["match_kept"] = {name: get(name) for name in CHOICES}
    st.query_params.from_dict(link(page))


def link(page: str, **others: object) -> dict[str, str]:
    """What the address of a page says.

    Args:
        page: Key of `PAGES`.
        others: Choices that differ from the present ones.
    """
    values = {name: others.get(name, get(name)) for name in PAGES[page]}
    return {
        name: CHOICES[name].write(value)
        for name, value in values.items()
        if value != CHOICES[name].default
    }


def get(name: str) -> object:
    """A choice as it stands."""
    value = st.session_state.get(PREFIX + name, CHOICES[name].default)
    return tuple(value) if isinstance(value, list) else value


def put(**values: object) -> None:
    """Choose; in callbacks, and before the widgets that show the choices."""
    for name, value in values.items():
        st.session_state[PREFIX + name] = value
        if "match_kept" in st.session_state:
            st.session_state["match_kept"][name] = value


def later(**values: object) -> None:
    """Choose when the next run begins: a widget that was drawn cannot be given another value."""
    st.session_state["match_later"] = values


def look_for(key: str, edit: str = "") -> None:
    """Make a picture the query and forget what belonged to the one before; as `put`."""
    put(query=key, edit=edit, match="", page=1)


def go(page: str, **values: object) -> None:
    """Open a page with some choices made; the rest of this run is dropped."""
    later(**values)
    st.switch_page(st.session_state["pages"][page])


def to_lab() -> None:
    """Open the query in the occlusion lab, with what is hidden there so far."""
    token = get("edit")
    try:
        edit = edit_from_token(token) if token else Edit()
    except EditError:
        edit = Edit()  # told on this page
    lab_state.open_picture(get("query"), edit)
    st.switch_page(st.session_state["pages"]["lab"])


def options(suffix: str = "") -> MatchOptions:
    """How alike two pictures are said to be.

    Args:
        suffix: "2" for what is compared with on Failures.
    """
    return MatchOptions(
        form=get("form" + suffix) or None,
        only=tuple(number - 1 for number in get("only" + suffix)),
        features="sl" if get("sl" + suffix) else "retrieval",
        rerank=not suffix and get("rerank"),
    )


def words(chosen: MatchOptions, own: str) -> str:
    """Options in a few words.

    Args:
        chosen: The options.
        own: Form that the checkpoint was chosen with.
    """
    parts = [FORMS[chosen.form or own]]
    if chosen.features == "sl":
        parts = ["SL features, without β"]
    if chosen.only:
        parts.append("landmarks " + ", ".join(str(k + 1) for k in chosen.only) + " only")
    if chosen.rerank:
        parts.append("re-ranked")
    return ", ".join(parts)
