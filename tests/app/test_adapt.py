"""Uploads that look unfamiliar, and networks of the visitor's own, wherever the engine runs."""

import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from aonet_core.engine import Adaptation
from aonet_core.model.checkpoint import update_card
from app.services import networks, visitor
from tests.app.pages import errors, run

ROOT = Path(__file__).resolve().parents[2]
RETRIEVE = """
import streamlit as st
from app.main import VIEWS
from app.shared import network_choice
st.session_state.setdefault("pages", {})
network_choice.show()
VIEWS["retrieve"].run()
"""


def picture(number):
    pixels = np.random.default_rng(number).integers(0, 255, (8, 4, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).resize((32, 64)).save(file, "PNG")
    return file.getvalue()


def whole():
    """The whole application, as a new visitor finds it."""
    return AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=300)


@pytest.fixture
def page(small, folder, tiny_checkpoint, monkeypatch):
    for file in tiny_checkpoint.parent.glob(f"{tiny_checkpoint.stem}.*"):
        shutil.copy(file, folder)
    own = folder / tiny_checkpoint.name
    monkeypatch.setenv("AONET_CHECKPOINT", str(own))
    typical = {"typical": [90.0] * 6, "spread": [1.0] * 6, "limit": 2.0}
    update_card(own, familiar={**typical, "pictures": 50, "data": "x"})
    return run(whole())


@pytest.fixture(params=["here", "far"])
def either(request, small, served, monkeypatch):
    """The application with an engine in this process, or behind HTTP."""
    if request.param == "far":
        monkeypatch.delenv("AONET_CHECKPOINT")
        monkeypatch.setenv("AONET_ENGINE_URL", served.url)
        monkeypatch.setenv("AONET_ENGINE_TOKEN", served.token)
    return run(whole())


def upload(app, count):
    files = [(f"{number}.png", picture(number), "image/png") for number in range(count)]
    app.file_uploader(key="files").set_value(files)
    return run(app)


def press(app, label):
    next(each for each in app.button if each.label == label).click()
    return run(app)


def adapt(app):
    press(app, "Adapt to these pictures")
    assert not errors(app)
    return app


def texts(app):
    return " ".join(each.value for each in app.caption)


def choice(app):
    return next((each for each in app.selectbox if each.label == "Network"), None)


def chosen(app):
    return app.session_state[networks.KEY]


def awareness(app):
    """What the page shows below its pictures."""
    return [each.body for each in app.get("html") if "awareness β" in each.body]


def test_uploads_are_told_unfamiliar_and_adapted_to(page):
    assert "unlike the training's" not in texts(page)  # samples are not judged
    app = upload(page, 20)
    assert "awareness here may mean *unfamiliar*, not *hidden*" in texts(app)
    assert "limit 2.0" in texts(app)
    # What is shown now is the new network's, which knows these pictures.
    assert "unlike the training's" not in texts(adapt(app))
    assert choice(app).options == ["unadapted", "adapted to your uploads"]
    choice(app).set_value("")
    assert "unlike the training's" in texts(run(app))


def test_too_few_uploads_cannot_be_adapted_to(page):
    app = upload(page, 2)
    button = next(each for each in app.button if each.label == "Adapt to these pictures")
    assert button.disabled and "Upload 18 more" in button.help


def test_one_adapts_chooses_and_undoes_wherever_the_engine_is(either):
    app = upload(either, 20)
    shipped = awareness(app)
    adapt(app)
    digest = chosen(app)
    assert digest and awareness(app) != shipped
    table = next(each.body for each in app.get("html") if "class='adapted'" in each.body)
    assert table.count("<tr>") == 7
    choice(app).set_value("")
    assert awareness(run(app)) == shipped
    choice(app).set_value(digest)
    assert awareness(run(app)) != shipped
    press(app, "Undo")
    assert not chosen(app) and awareness(app) == shipped
    assert choice(app) is None


def test_what_one_adapts_is_not_seen_by_another(either):
    mine = adapt(upload(either, 20))
    other = upload(run(whole()), 1)
    assert networks.KEY not in other.session_state
    assert choice(other) is None
    assert awareness(other) and awareness(other) != awareness(mine)


def test_a_gallery_is_embedded_again_when_asked(either):
    app = adapt(upload(either, 20))
    retrieve = AppTest.from_string(RETRIEVE, default_timeout=300)
    for name in ("visitor", networks.KEY):
        retrieve.session_state[name] = app.session_state[name]
    run(retrieve)
    told = [each.value for each in retrieve.info]
    assert any("embedded with another network" in each for each in told), told
    press(retrieve, "Embed again with the network adapted to your uploads")
    assert not errors(retrieve) and not retrieve.info
    assert any("exact, " in each.body for each in retrieve.get("html"))  # it was ranked


def test_a_saved_network_is_taken_up_again(page):
    app = adapt(upload(page, 20))
    kept = networks_of(app)[chosen(app)]
    press(app, "Undo")
    app.file_uploader(key="adapt_file").set_value([("own.safetensors", kept.to_bytes(), "")])
    run(app)
    assert not errors(app) and chosen(app) == kept.digest
    press(app, "Undo")
    foreign = Adaptation("0" * 64, kept.arrays, kept.card).to_bytes()
    for content, words in ((foreign, "belongs to another checkpoint"), (b"no", "is no adapted")):
        app.file_uploader(key="adapt_file").set_value([("own.safetensors", content, "")])
        assert any(words in each for each in errors(run(app))), errors(app)
        assert not chosen(app)


def networks_of(app):
    """The networks of a page's visitor, whose name begins with the secret."""
    secret, visitors = app.session_state["visitor"], visitor.everybody()._visitors
    return next(mine for name, mine in visitors.items() if name.startswith(secret)).networks
