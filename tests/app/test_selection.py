"""Selection, tags, tour and the browser of samples, without a browser."""

import csv
import io

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app.services import visitor
from app.shared import csv_table, selection, tour
from tests.app.pages import run, script

MAIN = "from app.main import main\nmain()"


@pytest.fixture
def mine(monkeypatch):
    """One visitor's belongings, at hand outside of any session."""
    kept = visitor.Belongings()
    monkeypatch.setattr(visitor, "belongings", lambda: kept)
    yield kept
    st.cache_data.clear()
    st.cache_resource.clear()


def test_a_selection_is_changed_tagged_and_recalled(mine):
    selection.put("sample", ["a", "b"])
    selection.tag("sample", "  two\twords ")
    assert selection.tags("sample") == {"two words": {"a", "b"}}
    selection.toggle("sample", ["b"])
    assert selection.get("sample") == {"a"}
    selection.toggle("sample", ["b", "c"])
    assert selection.get("sample") == {"a", "b", "c"}
    selection.tag("sample", "two words")
    assert selection.tags("sample")["two words"] == {"a", "b", "c"}
    selection.put("sample")
    selection.tag("sample", "nothing")
    assert list(selection.tags("sample")) == ["two words"]
    assert selection.tags("other") == {}
    selection.untag("sample", "two words")
    assert selection.tags("sample") == {} and not mine.choices[selection.TAGS]


def test_only_so_many_tags_and_letters_are_kept(mine):
    selection.put("sample", ["a"])
    for number in range(selection.MOST_TAGS + 2):
        selection.tag("sample", f"{number} " + "x" * 99)
    kept = list(selection.tags("sample"))
    assert len(kept) == selection.MOST_TAGS and kept[0].startswith("2 ")
    assert {len(label) for label in kept} == {selection.LONGEST_TAG}


def test_the_panel_selects_what_the_page_shows_and_tags_it(small):
    app = run(AppTest.from_string(script("retrieve"), default_timeout=300))
    query = app.selectbox(key="match_query").value
    next(b for b in app.button if b.label == "Select this picture").click()
    run(app)
    (kept,) = visitor.everybody()._visitors.values()
    assert kept.choices[selection.KEPT] == {"sample": {query}}
    app.text_input(key="selection_new_tag").set_value("<b>hard</b>")
    run(app)
    assert kept.choices[selection.TAGS] == {"sample": {"<b>hard</b>": {query}}}
    next(b for b in app.button if b.label == "Deselect this picture").click()
    run(app)
    assert selection.KEPT not in kept.choices or not kept.choices[selection.KEPT]


def test_numbers_of_tables_stay_numbers():
    table = csv_table.table(("=head", "number"), [("=1", -1.5), ("a", -2)]).decode()
    rows = list(csv.reader(io.StringIO(table, newline="")))
    assert rows == [["'=head", "number"], ["'=1", "-1.5"], ["a", "-2"]]


def texts(app):
    return " ".join(each.value for each in app.markdown)


def test_the_tour_is_offered_once_and_not_to_who_came_by_a_link(small):
    app = run(AppTest.from_string(MAIN, default_timeout=300))
    assert "New here?" in texts(app)
    app.button(key="tour_skip").click()
    run(app)
    assert "New here?" not in texts(app)
    linked = AppTest.from_string(MAIN, default_timeout=300)
    linked.query_params["opacity"] = "30"
    assert "New here?" not in texts(run(linked))


@pytest.mark.parametrize("step", ["1", "4", "5"])
def test_a_link_opens_a_step_of_the_tour(small, step):
    app = AppTest.from_string(MAIN, default_timeout=300)
    app.query_params[tour.TOUR] = step
    run(app)
    assert f"{step} of 5" in texts(app)
    assert app.query_params[tour.TOUR] == step
    app.button(key="tour_end").click()
    run(app)
    assert tour.TOUR not in app.query_params and "of 5" not in texts(app)


@pytest.mark.parametrize("step", ["0", "6", "x", "1e0", ""])
def test_a_wrong_step_is_none(small, step):
    app = AppTest.from_string(MAIN, default_timeout=300)
    app.query_params[tour.TOUR] = step
    assert " of 5" not in texts(run(app))
