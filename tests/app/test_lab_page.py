"""The occlusion lab without a browser: every tab, links, exports, bad input."""

import csv
import io
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from aonet_core.engine import (
    Circle,
    Crop,
    Edit,
    Fill,
    Polygon,
    Rectangle,
    Stamp,
    Stroke,
    edit_from_token,
    edit_to_token,
    read_samples,
)
from app.services import visitor
from app.views.lab import downloads
from tests.app.pages import errors, run, script

TABS = ("Occlude", "Sweep", "Where does it hurt", "Counterfactual")
QUERY, MATCH = "query/0.png", "gallery/1.png"


def picture(seed, size=(32, 64)):
    """Blotches, so that a tiny network tells pictures apart."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (4, 2, 3), dtype=np.uint8))
    return coarse.resize(size, Image.Resampling.BICUBIC)


def png(image):
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """A set of seven pictures."""
    folder = tmp_path_factory.mktemp("set")
    rows = [
        {"file": f"gallery/{number}.png", "role": "gallery", "pid": pid, "camid": camid}
        for number, (pid, camid) in enumerate([(1, 1), (1, 2), (2, 1), (2, 1), (3, 2), (0, 1)])
    ]
    rows.append({"file": QUERY, "role": "query", "pid": 1, "camid": 1})
    for seed, row in enumerate(rows):
        row |= {"split": "test", "occluder": "", "hidden": 0.0, "visible_head": 1.0, "twin": ""}
        row["mask"] = f"masks/{seed}.png"
        for name in ("file", "mask"):
            (folder / row[name]).parent.mkdir(parents=True, exist_ok=True)
        Image.blend(picture(row["pid"]), picture(90 + seed), 0.2).save(folder / row["file"])
        label = np.zeros((64, 32), dtype=np.uint8)
        label[10:50, 8:20] = 2
        Image.fromarray(label).save(folder / row["mask"])
    pd.DataFrame(rows).to_parquet(folder / "visibility.parquet")
    return folder


@pytest.fixture(autouse=True)
def tiny_set(small, samples, monkeypatch):
    """That set instead of those that all pages share."""
    monkeypatch.setenv("AONET_SAMPLES", str(samples))


def started(tab=TABS[0], edit=None, **link):
    app = AppTest.from_string(script("lab"), default_timeout=120)
    link = {"picture": QUERY, "other": MATCH, "tab": tab} | link
    token = edit_to_token(edit) if isinstance(edit, Edit) else edit
    app.query_params.update(link | ({"edit": token} if token else {}))
    return run(app)


def html(app):
    return "\n".join(element.proto.body for element in app.get("html"))


def text(app):
    return re.sub(r"<[^>]*>", " ", html(app))


def share_hidden(app):
    return float(re.search(r"([\d.]+)\s% hidden", text(app)).group(1))


def draw(app, *shapes):
    """As the canvas would tell it."""
    revision = app.session_state["lab_revision"]
    app.session_state["lab_canvas"] = {"drawn": {"revision": revision, "shapes": list(shapes)}}


def test_a_hidden_half_is_told_landmark_by_landmark():
    app = started(edit=Edit((Rectangle(0, 0, 32, 32),), Fill("mean")))
    page = html(app)
    tiles = re.findall(r"<img src='[^']+' alt='(landmark \d[^']*)'", page)
    kinds = {alt.partition(", ")[2] for alt in tiles}
    assert len(tiles) == 4 * 6 and not app.error
    assert kinds == {
        f"{kind} reference, {when}" for kind in ("with", "without") for when in ("before", "after")
    }
    assert share_hidden(app) == 50
    for words in ("change of β", "true hidden share", "network believes", "similarity to match"):
        assert words in page
    assert page.count("class='scale both'") == 1  # one colour scale for before and after


@pytest.mark.parametrize("kind", ["black", "mean", "noise", "blur", "texture", "picture"])
def test_every_filling_reopens_by_link(kind):
    source = "gallery/2.png" if kind == "picture" else ""
    edit = Edit((Circle(16, 30, 9),), Fill(kind, source), seed=7)
    app = started(edit=edit)
    assert not app.error and share_hidden(app) > 5
    assert edit_from_token(app.query_params["edit"]) == edit
    if kind == "picture":
        assert app.selectbox(key="lab_source").value == source


def test_retrieve_opens_with_what_is_hidden(monkeypatch):
    opened = []
    monkeypatch.setattr(
        st, "switch_page", lambda page, query_params: opened.append((page, query_params))
    )
    edit = Edit((Rectangle(0, 0, 32, 32),), Fill("mean"))
    app = started(edit=edit)
    app.session_state["pages"] = {"retrieve": "its page"}
    next(button for button in app.button if button.label == "Retrieve").click()
    run(app)
    asked = app.session_state["match_later"]
    ((page, address),) = opened
    assert page == "its page" and address["edit"] == asked["edit"]
    assert address["query"] == asked["query"] == QUERY
    assert edit_from_token(asked["edit"]) == edit
    assert asked["match"] == "" and asked["page"] == 1


def test_all_kinds_of_shape_reopen_by_link():
    shapes = (
        Rectangle(2, 3, 9, 8),
        Circle(20, 20, 5),
        Polygon(((1, 40), (20, 40), (9, 55))),
        Stroke(((3, 60), (28, 58)), 4),
        Stamp("occluder:car-1", 4, 30, 20, 12),
        Stamp("person:gallery/4.png", 8, 10, 16, 32, flipped=True),
    )
    edit = Edit(shapes, crop=Crop(0, 0, 32, 60))
    app = started(edit=edit)
    assert not app.error and app.session_state["lab_edit"] == edit
    assert edit_from_token(app.query_params["edit"]) == edit


BAD = [
    (Edit((Rectangle(500, 500, 5, 5),)), "hides nothing", 0),
    (Edit(), "Nothing is hidden", 0),
    (Edit((Rectangle(-9, -9, 90, 90),)), "The whole picture is hidden", 100),
    (Edit(tuple(Circle(x, y, 3) for x in range(5) for y in range(0, 40, 5))), "before", 20),
]


@pytest.mark.parametrize("edit, words, most", BAD, ids=["outside", "empty", "total", "forty"])
def test_edits_that_hide_nothing_all_or_much_are_shown(edit, words, most):
    app = started(edit=edit)
    assert not app.error and words in text(app) and share_hidden(app) <= most


def test_an_edit_that_cannot_be_made_leaves_the_picture_whole_and_says_why():
    app = started(edit=Edit((Stamp("cutout:0123456789ab", 0, 0, 9, 9),)))
    assert errors(app) == ["A cut-out was uploaded in another session; upload it again."]
    assert share_hidden(app) == 0 and html(app).count("alt='landmark") == 24
    app = started(edit=Edit(crop=Crop(30, 0, 2, 64)))
    assert "A crop must keep at least 8 x 8" in errors(app)[0] and share_hidden(app) == 0
    app = started(edit="no-link")
    assert len(app.error) == 1 and share_hidden(app) == 0


def test_what_the_canvas_sends_wrongly_is_refused_and_the_edit_before_stays():
    app = started(edit=Edit((Rectangle(0, 0, 32, 32),)))
    many = [{"kind": "circle", "x": 3, "y": 3, "radius": 2}] * 101
    for shapes, words in (
        (many, "at most 100 shapes, got 101"),
        ([{"kind": "circle", "x": float("nan"), "y": 3, "radius": 2}], "must be a finite number"),
        ([{"kind": "heart"}], "The canvas sent no shape"),
    ):
        draw(app, *shapes)
        run(app)
        assert words in errors(app)[0] and share_hidden(app) == 50


def test_a_cut_out_without_alpha_is_refused_and_one_with_alpha_offered():
    app = started()
    app.file_uploader(key="lab_cutout").set_value(("wall.png", png(picture(1)), "image/png"))
    run(app)
    assert "wall.png has no transparency" in errors(app)[0]
    ball = Image.new("RGBA", (20, 20))
    ball.paste((200, 0, 0, 255), (5, 5, 15, 15))
    app.file_uploader(key="lab_cutout").set_value(("ball.png", png(ball), "image/png"))
    run(app)
    (mine,) = visitor.everybody()._visitors.values()
    (source,) = mine.cutouts
    assert not app.error
    stamp = {"kind": "stamp", "source": source, "x": 0, "y": 0, "width": 32, "height": 64}
    draw(app, stamp | {"flipped": False})
    run(app)
    assert not app.error and 20 < share_hidden(app) < 30


def test_tiny_and_odd_uploads():
    app = started()
    app.file_uploader(key="lab_files").set_value([("tiny.png", png(picture(5, (8, 9))), "")])
    run(app)
    assert "tiny.png" in text(app) and not app.error and share_hidden(app) == 0
    draw(app, {"kind": "rectangle", "x": 0, "y": 0, "width": 4, "height": 9})
    run(app)
    assert share_hidden(app) == 50 and not app.error
    for tab in TABS[1:]:
        app.session_state["lab_tab"] = tab
        run(app)
        assert not app.error, errors(app)


def test_pictures_told_in_the_same_words_stay_apart(samples):
    titles = [sample.title for sample in read_samples(samples).samples.values()]
    assert len(set(titles)) == len(titles) and any("#2" in title for title in titles)
    app = started(other="gallery/3.png")
    run(app)
    assert app.session_state["lab_other"] == "gallery/3.png"


@pytest.fixture
def files(monkeypatch):
    """Makers of what a tab offers to take away, by label."""
    offered = {}

    def button(label, make, file_name, **_):
        offered[label] = (file_name, make)

    monkeypatch.setattr(downloads.st, "download_button", button)
    return offered


def made(files, label):
    """A file made as Streamlit does it: after the run, outside of the session."""
    name, make = files[label]
    content = make()
    if name.endswith(".png"):
        assert Image.open(io.BytesIO(content)).size[0] > 300
    return content.decode() if name.endswith(("csv", "html")) else content


def table(files, label):
    return list(csv.DictReader(io.StringIO(made(files, label))))


def test_the_report_holds_all_tabs_and_asks_nothing_of_a_network(files):
    edit = Edit((Rectangle(0, 0, 32, 32),), Fill("texture"), seed=2)
    app = started(edit=edit)
    lines = table(files, "CSV numbers")
    assert len(lines) == 6 and all(0 <= float(l["true_hidden_share"]) <= 1 for l in lines)  # noqa: E741
    made(files, "PNG figure")
    for tab in TABS[1:]:
        app.session_state["lab_tab"] = tab
        run(app)
        assert not app.error, errors(app)
    made(files, "PNG story")
    assert [line["hidden"] for line in table(files, "CSV removals")][-1] == "landmark"
    report = made(files, "HTML report")
    for words in ("Occlusion lab", "Sweep: down, black", "integrated gradients", "Without one"):
        assert words in report
    assert edit_from_token(re.search(r"edit=([\w-]+)", report).group(1)) == edit
    assert "default-src 'none'" in report
    assert not re.search(r"(src|href)=['\"](?!data:)", report)


def test_sweep_offers_a_line_a_position(files):
    app = started(tab="Sweep")
    positions = int(re.search(r"(\d+) positions", app.caption[0].value).group(1))
    lines = table(files, "CSV curves")
    assert len(lines) == positions > 20 and float(lines[0]["hidden_6"]) >= 0
    made(files, "PNG figure")
    app.selectbox(key="lab_motion").set_value("grow_out")
    app.selectbox(key="lab_sweep_fill").set_value("noise")
    run(app)
    assert table(files, "CSV curves") != lines


@pytest.mark.parametrize("target", ["awareness", "similarity", "rank"])
def test_maps_of_every_target_share_one_scale(files, target):
    app = started(tab="Where does it hurt")
    app.selectbox(key="lab_target").set_value(target)
    run(app)
    assert not app.error
    methods = 1 if target == "rank" else 3
    assert html(app).count("<figure style") == 1 + methods
    assert html(app).count("class='flat'") == 1
    assert len({line["method"] for line in table(files, "CSV values")}) == methods
    made(files, "PNG maps")


def test_a_share_of_the_similarity_can_be_asked_for():
    app = started(tab="Where does it hurt")
    app.selectbox(key="lab_target").set_value("similarity")
    run(app)
    app.button_group(key="lab_landmark similarity").set_value("3")
    run(app)
    assert "similarity to the match by landmark 3" in text(app) and not app.error


def test_targets_that_need_a_match_ask_for_one():
    app = started(tab="Where does it hurt", other="")
    app.selectbox(key="lab_target").set_value("rank")
    run(app)
    assert "Choose a gallery picture" in app.info[0].value


def test_the_counterfactual_rectangle_goes_onto_the_canvas():
    app = started(tab="Counterfactual")
    story = text(app)
    assert "takes the right match from the first place" in story and not app.error
    assert len(re.findall("stays first|falls behind", story)) == 6
    next(button for button in app.button if button.label.startswith("Put this rectangle")).click()
    run(app)
    (shape,) = app.session_state["lab_edit"].shapes
    assert isinstance(shape, Rectangle)
    assert replace(app.session_state["lab_edit"], shapes=()) == Edit(fill=Fill("mean"))
    assert app.session_state["lab_tab"] == TABS[0] and 0 < share_hidden(app) < 60
