"""What outlives a session: a visitor's pictures, choices and results, without any network."""

import io
import time

import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from app.services import visitor
from app.services.visitor import Visitors
from app.shared import links, selection
from tests.app.pages import run

PAGE = """
import streamlit as st
from app import services
from app.shared import lost_notice, lost_uploads
from app.shared.choices import Choice, text
from app.shared.links import Linked

class Page(Linked):
    picture = text()
    opacity = Choice(60, int)

LINKED = Page("page")
LINKED.restore()
if not LINKED.picture:
    LINKED.put(picture="sample")
lost_uploads.stand_in(LINKED, "picture", lambda: "sample")
lost_notice.notice(LINKED)
st.text_input("Picture", key="page_picture")
st.slider("Opacity", 0, 100, key="page_opacity")
def take():
    fresh, _ = services.add_uploads(st.session_state["files"])
    LINKED.put(picture=fresh[-1])
st.file_uploader("Files", accept_multiple_files=True, key="files", on_change=take)
st.write(" ".join(photo.title for photo in services.uploads().values()))
LINKED.remember()
"""


@pytest.fixture(autouse=True)
def fresh():
    yield
    st.cache_data.clear()
    st.cache_resource.clear()


def opened(who, **link):
    """A tab of a visitor; a reload is another one."""
    app = AppTest.from_string(PAGE, default_timeout=60)
    app.session_state[visitor.KEY] = who
    app.query_params.update(link)
    return run(app)


def png(colour="red"):
    file = io.BytesIO()
    Image.new("RGB", (20, 40), colour).save(file, "PNG")
    return file.getvalue()


def upload(app, name, key="files", colour="red"):
    app.file_uploader(key=key).set_value([(name, png(colour), "")])
    return run(app)


def test_an_upload_survives_a_reload_for_its_visitor_and_for_nobody_else():
    app = upload(opened("a" * 40), "me.png")
    link = dict(app.query_params)
    assert link["picture"].startswith("upload:")
    for again in (opened("a" * 40, **link), opened("a" * 40)):
        assert again.text_input(key="page_picture").value == link["picture"]
        assert again.markdown[0].value == "me.png" and dict(again.query_params) == link
    stranger = opened("b" * 40, **link)
    assert stranger.text_input(key="page_picture").value == "sample"
    assert "me.png" not in " ".join(each.value for each in stranger.markdown)


def test_what_is_gone_is_named_stood_in_for_and_comes_back_to_its_place():
    link = dict(upload(opened("a" * 40), "me.png").query_params)
    app = opened("b" * 40, **link)
    (words,) = [each.value for each in app.markdown if "Not kept any more" in each.value]
    assert "another browser" in words
    # The browser remembers how its pictures were called.
    app.session_state["gone_titles"] = {link["picture"]: "m*e.png"}
    run(app)
    assert any(r"m\*e.png" in each.value for each in app.markdown)
    upload(app, "me.png", "gone_files")
    assert dict(app.query_params) == link
    assert not any("Not kept" in each.value for each in app.markdown)
    app = opened("c" * 40, **link)
    next(button for button in app.button if button.label == "Dismiss").click()
    run(app)
    assert not any("Not kept" in each.value for each in app.markdown)


def test_the_way_back_is_obeyed_and_an_old_address_is_not(monkeypatch):
    app = opened("a" * 40, picture="one")
    app.text_input(key="page_picture").set_value("two")
    app.slider(key="page_opacity").set_value(10)
    run(app)
    assert dict(app.query_params) == {"picture": "two", "opacity": "10"}
    # A click that came before the address was there does not undo what was chosen.
    app.query_params.clear()
    app.query_params["picture"] = "one"
    run(app)
    assert dict(app.query_params) == {"picture": "two", "opacity": "10"}
    app.query_params.clear()
    app.query_params["picture"] = "one"
    monkeypatch.setattr(links, "went_back", lambda: True)
    run(app)
    assert app.text_input(key="page_picture").value == "one"
    assert app.slider(key="page_opacity").value == 60
    assert dict(app.query_params) == {"picture": "one"}


def test_a_shelf_holds_so_many_things_and_so_many_bytes(monkeypatch):
    visitors = Visitors()
    picture = Image.new("RGB", (100, 100))
    for number in range(30):
        visitors.put("me", "uploads", number, picture)
    kept = visitors.of("me")
    assert list(kept.uploads) == list(range(6, 30)) and kept.weight == 24 * 30_000
    monkeypatch.setattr(visitor, "LARGEST", 100_000)
    visitors.put("me", "results", "sweep", (picture, {"a": picture}))
    assert list(kept.results) == ["sweep"] and list(kept.uploads) == [29]
    monkeypatch.setattr(visitor, "LARGEST_ALL", 100_000)
    visitors.put("other", "uploads", 1, picture)
    assert visitors.of("other").uploads and not visitors.of("me").uploads


def test_what_nobody_comes_back_for_is_dropped(monkeypatch):
    visitors = Visitors()
    visitors.put("me", "uploads", 1, "picture")
    later = time.monotonic() + 3600 * visitor.HOURS + 1
    monkeypatch.setattr(visitor.time, "monotonic", lambda: later)
    visitors.sweep()
    assert not visitors.of("me").uploads
    visitors.put("me", "uploads", 1, "picture")
    visitors.forget("me")
    assert not visitors.of("me").uploads


MAP = """
from types import SimpleNamespace

import numpy as np
import streamlit as st
from app.views.map import content
from app.views.map.scatter import scatter

class Points(SimpleNamespace):
    def __len__(self):
        return len(self.image)

found = Points(gallery="sample", names=np.array(["a", "b", "c"]),
               image=np.repeat(np.arange(3), 2), landmark=np.tile(np.arange(2), 3))
picked = scatter(found, {"id": content.subject(found), "map": st.session_state["map"]}, [])
st.write(" ".join(map(str, np.flatnonzero(picked))))
"""


def mapped(app, name):
    """What is selected in a map of the same points."""
    app.session_state["map"] = name
    return run(app).markdown[0].value


def test_a_selection_holds_for_every_map_of_the_same_points_and_for_all_views():
    app = AppTest.from_string(MAP, default_timeout=60)
    assert mapped(app, "2-D") == ""
    (mine,) = visitor.everybody()._visitors.values()
    revision = app.session_state["map_revision"] if "map_revision" in app.session_state else 0
    kept = app.session_state["map_selection"]
    told = {"id": kept["id"], "revision": revision, "bits": "Cw=="}  # points 0, 1 and 3
    app.session_state["map_scatter"] = {"selected": told}
    assert mapped(app, "2-D") == "0 1 3" and mapped(app, "3-D") == "0 1 3"
    assert mine.choices[selection.KEPT] == {"sample": frozenset("ab")}
    # Chosen in another view: all points of the pictures.
    mine.choices[selection.KEPT] = {"sample": frozenset("c")}
    assert mapped(app, "3-D") == "4 5" and mapped(app, "2-D") == "4 5"
