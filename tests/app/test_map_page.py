"""The Map without a browser: made in the background, selected from, handed over."""

import base64
import csv
import io
import json
import re

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from aonet_core.engine import Edit, Fill, ProjectionSpec, Rectangle, edit_to_token
from app.views.map import content, downloads
from app.views.map.cards import _shift
from tests.app.pages import run, script

pytestmark = pytest.mark.usefixtures("small")


def started(**link):
    app = AppTest.from_string(script("map"), default_timeout=300)
    app.query_params.update(link)
    return run(app)


def given(app):
    """What the map's widget was given."""
    for element in app.get("bidi_component"):
        data = json.loads(element.proto.json)
        if "coordinates" in data:
            return data
    return None


def made():
    from app import services

    *_, (projection, _) = services.engine()._maps.values()
    return projection


def select(app, points, count):
    bits = np.zeros(count, bool)
    bits[points] = True
    text = base64.b64encode(np.packbits(bits, bitorder="little").tobytes()).decode()
    app.session_state["map_selection"] = {"id": given(app)["id"], "bits": text, "pushed": text}
    return run(app)


def html(app):
    return "\n".join(element.proto.body for element in app.get("html"))


def cards(app):
    for element in app.get("bidi_component"):
        data = json.loads(element.proto.json)
        if "html" in data:
            link = r"data-pick='(\d+)' data-told='Show in Retrieve: ([^']+)'"
            return re.findall(link, data["html"])
    return []


def test_the_map_is_made_and_tells_what_it_keeps():
    app = started()
    data, found = given(app), made()
    assert data["count"] == len(found) == 6 * len(found.names)
    steps = np.frombuffer(base64.b64decode(data["coordinates"]), "<u2").reshape(-1, 2)
    low, span = content.frame(found)
    np.testing.assert_allclose(steps / 65535 * span + low, found.coordinates, atol=span / 65535)
    names = [column["name"] for column in data["columns"]]
    assert names == ["landmark", "identity", "camera", "awareness", "visibility", "role"]
    text = html(app)
    assert "Nothing selected" in text and f"{found.quality.trustworthiness:.3f}" in text
    assert f"{100 * found.quality.landmark:.0f} %" in text.replace("\xa0", " ").replace(
        "\u202f", " "
    )


def test_a_selection_shows_statistics_pictures_and_names():
    app = started()
    found = made()
    one = np.flatnonzero(found.image == 0)
    app = select(app, one, len(found))
    shown = cards(app)
    assert {int(point) for point, _ in shown} == set(one.tolist())
    assert {name for _, name in shown} == {found.names[0]}
    assert "<div>points<b>6</b></div><div>pictures<b>1</b></div>" in html(app)
    rows = list(csv.reader(io.StringIO(downloads.table(found, one, list("abcdef")).decode())))
    assert [row[:2] for row in rows[1:]] == [[found.names[0], k] for k in "abcdef"]
    assert float(rows[1][5]) == pytest.approx(found.awareness[0, 0], abs=1e-4)


def test_everything_and_nothing_can_be_selected():
    app = started()
    count = len(made())
    app = select(app, np.arange(count), count)
    assert len(cards(app)) == 12 and f"<b>{count:,}</b>" in html(app)
    app = select(app, np.array([], int), count)
    assert not cards(app) and "Nothing selected" in html(app)


def test_a_link_names_the_map_and_a_wrong_one_gives_the_usual():
    app = started(kind="images", dimensions="3", neighbours="5", distance="nan", metric="hamming")
    assert made().spec == ProjectionSpec(kind="images", dimensions=3, neighbours=5)
    assert app.query_params["neighbours"] == "5" and "metric" not in app.query_params


def test_a_picture_and_its_hidden_self_are_placed():
    token = edit_to_token(Edit((Rectangle(0, 0, 128, 128),), Fill("black")))
    app = started()
    name = str(made().names[0])
    app = started(placed=name, mask=token)
    whole, hidden = given(app)["placed"]
    assert len(whole["at"]) == 6 and whole["at"] != hidden["at"]
    query = str(made().names[made().is_query][0])
    assert len(given(started(placed=query))["placed"]) == 2  # its twin and itself
    app = started(placed="nobody.jpg")
    assert "no sample nobody.jpg" in app.warning[0].value.replace("\\", "")
    assert given(app)["placed"] == []


def test_a_map_can_be_stopped_and_begun_again(monkeypatch):
    from aonet_core.engine.local.engine import LocalEngine
    from app.services.jobs import jobs

    true = LocalEngine.project

    def stopped(self, gallery, spec, progress):
        with jobs()._lock:  # until the job can be found
            running = list(jobs()._jobs.values())
        for job in running:
            job.stopped = True
        progress(20, 100)

    monkeypatch.setattr(LocalEngine, "project", stopped)
    app = started()
    assert "Stopped" in app.info[0].value and given(app) is None
    monkeypatch.setattr(LocalEngine, "project", true)
    next(button for button in app.button if button.label == "Run").click()
    assert given(run(app)) and made()


def test_three_pictures_make_a_map_that_says_what_it_is(folder):
    from app import services

    app = started()
    pictures = []
    for seed in range(3):
        pixels = np.random.default_rng(seed).integers(0, 255, (60, 30, 3), dtype=np.uint8)
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        pictures.append((f"{seed}.png", file.getvalue()))
    services.engine().build_gallery("three", pictures)
    app = started(gallery="three", kind="images")
    told = " ".join(caption.value for caption in app.caption).replace("\\", "")
    assert "too few for UMAP" in told and given(app)["count"] == 3
    name = next(iter(services.samples().samples))
    app = started(gallery="three", kind="images", placed=name)
    assert "takes no new pictures" in app.warning[0].value.replace("\\", "")


def test_crops_centre_where_there_is_room():
    # A background twice its box, with the middle of the picture: half of what hangs over.
    assert _shift(0.5, 2.0) == 0.5 and _shift(0.0, 2.0) == 0.0 and _shift(0.75, 2.0) == 1.0
    assert _shift(0.3, 0.9) == 0.5
