"""The Inspect view without a browser: normal, empty and error states, links."""

import io
import re
from pathlib import Path

import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from aonet_core.engine import read_samples
from aonet_core.model import save_checkpoint
from tests.app.pages import errors, run

ROOT = Path(__file__).resolve().parents[2]
LEFT, RIGHT = read_samples().default_pair()


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """No state of another test or of the caller's environment."""
    for name in ("AONET_CHECKPOINT", "AONET_SAMPLES"):
        monkeypatch.delenv(name, raising=False)
    yield
    st.cache_data.clear()
    st.cache_resource.clear()


def started(**link):
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    app.query_params.update(link)
    return run(app)


def html(app):
    return "\n".join(element.proto.body for element in app.get("html"))


def tiles(app):
    return re.findall(r"<img src='([^']+)' alt='(landmark [^']+)'", html(app))


def upload(app, *files):
    app.file_uploader(key="files").set_value([(name, data, "") for name, data in files])
    return run(app)


def photo(colour=(90, 120, 60), size=(40, 100), file_format="PNG"):
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, file_format)
    return buffer.getvalue()


def test_first_screen_shows_an_occluded_sample_beside_its_twin():
    app = started()
    assert app.session_state["left"] == LEFT and app.session_state["right"] == RIGHT
    drawn = tiles(app)
    assert len(drawn) == 2 * 3 * 6 and not app.error
    kinds = {alt.partition(", ")[2] for _, alt in drawn}
    assert kinds == {"without reference", "with reference", "difference"}
    page = html(app)
    assert re.search(r"class='status'>\w.*, \w+ · .*checkpoint default.*(kept ready| ms)<", page)
    for words in ("awareness β", "best logit", "average logit", "true visibility"):
        assert words in page
    # The address bar names the pair and nothing that is at its default.
    assert dict(app.query_params) == {"left": LEFT, "right": RIGHT}


def test_choices_reach_the_address_and_a_link_restores_them():
    app = started()
    everything = tiles(app)
    app.slider(key="opacity").set_value(25)
    run(app)
    faint = tiles(app)
    assert faint != everything
    app.button_group(key="landmark").set_value("3")
    app.button_group(key="scale").set_value("shared")
    run(app)
    shown = tiles(app)
    assert len(shown) == 2 * 3 and all("landmark 3" in alt for _, alt in shown)
    link = dict(app.query_params)
    chosen = {"landmark": "3", "opacity": "25", "scale": "shared"}
    assert link == {"left": LEFT, "right": RIGHT} | chosen
    assert tiles(started(**link)) == shown


def test_nonsense_in_a_link_falls_back_to_the_defaults():
    app = started(left=LEFT, landmark="x", opacity="1000", scale="own")
    assert len(tiles(app)) == 3 * 6 and app.slider(key="opacity").value == 60
    assert len(tiles(started(left=LEFT, landmark="31"))) == 3 * 6


def test_a_new_left_sample_brings_its_twin():
    samples = read_samples().samples.values()
    other = next(s for s in samples if s.role == "query" and s.twin and s.name != LEFT)
    app = started()
    app.selectbox(key="left").set_value(other.name)
    run(app)
    assert app.session_state["right"] == other.twin and len(tiles(app)) == 36


def test_swap_exchanges_the_pictures():
    app = started()
    next(button for button in app.button if button.label == "Swap").click()
    run(app)
    assert (app.session_state["left"], app.session_state["right"]) == (RIGHT, LEFT)


def test_upload_is_shown_and_notes_are_told():
    app = upload(started(), ("me.png", photo()))
    assert app.session_state["left"].startswith("upload:") and not app.session_state["right"]
    assert len(tiles(app)) == 3 * 6 and "me.png" in html(app)
    film = io.BytesIO()
    frames = [Image.new("RGB", (30, 60), colour) for colour in ("red", "blue")]
    frames[0].save(film, "WEBP", save_all=True, append_images=frames[1:])
    app = upload(app, ("me.png", photo()), ("film.webp", film.getvalue()))
    assert "film.webp has 2 frames; the first is shown." in html(app)


def test_two_uploads_stand_side_by_side():
    app = upload(started(), ("a.png", photo()), ("b.bmp", photo((0, 0, 90), file_format="BMP")))
    assert len(tiles(app)) == 36 and "a.png" in html(app) and "b.bmp" in html(app)


BAD = [
    ("notes.jpg", b"not a picture", "is not an image this application reads"),
    ("half.jpg", photo(size=(400, 400), file_format="JPEG")[:900], "is damaged"),
    ("dot.png", photo(size=(1, 1)), "is too small"),
    ("empty.png", b"", "is empty"),
    ("a*b_[c](d)<b>.jpg", b"not a picture", "a*b_[c](d)<b>.jpg is not an image"),
]


@pytest.mark.parametrize("name, data, words", BAD, ids=[name for name, *_ in BAD])
def test_bad_upload_says_so_and_keeps_what_was_shown(name, data, words):
    app = started(left=LEFT, landmark="2")
    before = tiles(app)
    upload(app, (name, data))
    assert len(app.error) == 1 and words in errors(app)[0]
    assert tiles(app) == before and app.session_state["left"] == LEFT


def test_good_upload_beside_a_bad_one_is_shown():
    app = upload(started(), ("bad.jpg", b"text"), ("good.png", photo()))
    assert len(app.error) == 1 and len(tiles(app)) == 3 * 6 and "good.png" in html(app)


def test_missing_sample_in_a_link_is_named_and_the_other_picture_shown():
    app = started(left="query/none.jpg", right=RIGHT)
    assert errors(app) == ["There is no sample query/none.jpg here; choose one from the list."]
    assert len(tiles(app)) == 3 * 6


def test_link_to_an_upload_that_is_gone_says_so_and_shows_a_sample_in_its_place():
    app = started(left="upload:0123456789ab", right=RIGHT)
    assert not app.error and len(tiles(app)) == 36 and app.session_state["left"] == LEFT
    assert [each.value for each in app.markdown if "Not kept any more" in each.value]
    app.file_uploader(key="gone_files").set_value([("me.png", photo(), "")])
    run(app)
    assert app.session_state["left"].startswith("upload:") and app.session_state["right"] == RIGHT
    assert not [each.value for each in app.markdown if "Not kept any more" in each.value]


def test_without_samples_the_page_asks_for_a_photo(monkeypatch, tmp_path):
    monkeypatch.setenv("AONET_SAMPLES", str(tmp_path))
    app = started()
    assert not app.error and not tiles(app) and "Upload a photo" in app.info[0].value
    assert len(tiles(upload(app, ("me.png", photo())))) == 3 * 6


def test_broken_samples_are_told_and_uploads_still_work(monkeypatch, tmp_path):
    (tmp_path / "visibility.parquet").write_text("no table")
    monkeypatch.setenv("AONET_SAMPLES", str(tmp_path))
    app = started()
    assert len(app.error) == 1 and errors(app)[0].startswith("There are no samples: ")
    assert len(tiles(upload(app, ("me.png", photo())))) == 3 * 6


def test_checkpoint_that_does_not_fit_is_told_once_and_can_be_mended(
    monkeypatch, tmp_path, tiny_model
):
    path = save_checkpoint(tmp_path / "net", tiny_model("aonet_lens", backbone="resnet18"), {})
    card = path.with_suffix(".json")
    good = card.read_text()
    card.write_text(good.replace('"num_landmarks": 6', '"num_landmarks": 4'))
    monkeypatch.setenv("AONET_CHECKPOINT", str(path))
    app = started()
    assert len(app.error) == 1 and "does not fit its configuration" in errors(app)[0]
    assert not tiles(app) and app.session_state["left"] == LEFT
    card.write_text(good)
    run(app)
    assert not app.error and len(tiles(app)) == 36 and "checkpoint net" in html(app)
