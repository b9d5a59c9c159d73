"""Uploads that look unfamiliar, and a network of the session's own."""

import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from aonet_core.model.checkpoint import update_card
from tests.app.pages import errors, run

ROOT = Path(__file__).resolve().parents[2]


def picture(number):
    pixels = np.random.default_rng(number).integers(0, 255, (8, 4, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).resize((32, 64)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def page(small, folder, tiny_checkpoint, monkeypatch):
    for file in tiny_checkpoint.parent.glob(f"{tiny_checkpoint.stem}.*"):
        shutil.copy(file, folder)
    own = folder / tiny_checkpoint.name
    monkeypatch.setenv("AONET_CHECKPOINT", str(own))
    typical = {"typical": [90.0] * 6, "spread": [1.0] * 6, "limit": 2.0}
    update_card(own, familiar={**typical, "pictures": 50, "data": "x"})
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=300)
    return run(app)


def upload(app, count):
    files = [(f"{number}.png", picture(number), "image/png") for number in range(count)]
    app.file_uploader(key="files").set_value(files)
    return run(app)


def texts(app):
    return " ".join(each.value for each in app.caption)


def test_uploads_are_told_unfamiliar_and_adapted_to(page):
    assert "unlike the training's" not in texts(page)  # samples are not judged
    app = upload(page, 20)
    assert "awareness here may mean *unfamiliar*, not *hidden*" in texts(app)
    assert "limit 2.0" in texts(app)
    button = next(each for each in app.button if each.label == "Adapt to these pictures")
    button.click()
    run(app)
    assert not errors(app)
    chosen = app.session_state["adapted_chosen"]
    assert Path(chosen).is_file() and len(app.session_state["adapted"]) == 1
    assert app.session_state["adapted"][0].said["pictures"] == 20
    # What is shown now is the new network's, which knows these pictures.
    assert "unlike the training's" not in texts(app)
    app.segmented_control(key="adapted_chosen").set_value("")
    assert "unlike the training's" in texts(run(app))
    next(each for each in app.button if each.label == "Undo").click()
    run(app)
    assert app.session_state["adapted"] == [] and not Path(chosen).exists()


def test_too_few_uploads_cannot_be_adapted_to(page):
    app = upload(page, 2)
    button = next(each for each in app.button if each.label == "Adapt to these pictures")
    assert button.disabled and "Upload 18 more" in button.help
