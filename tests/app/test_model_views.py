"""Atlas, Model and Compare without a browser: normal, empty and error states, links."""

import io
import json
import os
import re

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from aonet_core.engine import Edit, Fill, Rectangle, connect, edit_to_token, read_samples
from aonet_core.model import save_checkpoint
from app.services import atlas as atlas_service
from tests.app.pages import errors, run, script


@pytest.fixture(scope="module")
def folder(tmp_path_factory, tiny_model):
    """Where all that is computed is kept for this module, and the networks that it uses."""
    folder = tmp_path_factory.mktemp("kept")
    save_checkpoint(folder / "two", tiny_model("aonet", num_landmarks=2), {})
    return folder


@pytest.fixture(autouse=True)
def small(monkeypatch, folder, small_samples, tiny_checkpoint):
    monkeypatch.setenv("AONET_CHECKPOINT", str(tiny_checkpoint))
    monkeypatch.setenv("AONET_SAMPLES", str(small_samples))
    monkeypatch.setenv("AONET_CACHE", str(folder / "cache"))
    yield
    st.cache_data.clear()
    st.cache_resource.clear()


def started(view, **link):
    app = AppTest.from_string(script(view), default_timeout=300)
    app.query_params.update(link)
    return run(app)


def html(app):
    parts = [element.proto.body for element in app.get("html")]
    parts += [json.loads(each.proto.json)["html"] for each in app.get("bidi_component")]
    return "\n".join(parts)


def test_atlas_has_a_column_a_landmark_and_a_link_opens_one_in_large(small_samples):
    app = started("atlas")
    page = html(app)
    assert page.count("class='head'") == 6 and page.count("<svg") == 6
    assert page.count("class='tile'") == 6 * 8 and page.count("class='heat'") == 3
    atlas = connect(
        checkpoint=os.environ["AONET_CHECKPOINT"], samples=os.environ["AONET_SAMPLES"]
    ).atlas()
    first = re.search(r"data-pick='inspect ([^']+)'.*?<small>([\d.]+)<", page)
    row = atlas.most[0, 0]
    assert first[1] == atlas.names[row] and float(first[2]) == pytest.approx(
        atlas.awareness[row, 0], abs=0.006
    )
    assert dict(app.query_params) == {} and not app.error
    app.button_group(key="atlas_landmark").set_value("2")
    alone = run(app)
    assert dict(alone.query_params) == {"landmark": "2"}
    page = html(alone)
    assert page.count("class='head'") == 1 and page.count("class='lift'") == 3 * 5
    assert page.count("class='tile'") == 24


def test_atlas_of_a_small_gallery_says_what_it_cannot_tell():
    def picture(seed):
        pixels = np.random.default_rng(seed).integers(0, 255, (60, 30, 3), dtype=np.uint8)
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "JPEG")
        return f"0001_c{seed}s1_00000{seed}_00.jpg", buffer.getvalue()

    engine = connect(checkpoint=os.environ["AONET_CHECKPOINT"])
    engine.build_gallery("few", [picture(seed) for seed in (1, 2, 3)])
    app = started("atlas", gallery="few", landmark="31", opacity="x")
    told = " ".join(caption.value for caption in app.caption)
    assert "With 3 pictures" in told and "Masks and occluders of this gallery" in told
    assert "not known here" in html(app) and not app.error
    assert "there is no gallery 'none'" in errors(started("atlas", gallery="none"))[0].lower()


@pytest.mark.parametrize("tab", ["Checkpoint", "Training", "Similarity", "Cost"])
def test_a_card_without_anything_leaves_clear_states(tab):
    app = started("model", tab=tab)
    page = html(app) + " ".join(each.value for each in [*app.info, *app.caption])
    told = {
        "Checkpoint": ["holds no measurements", "aonet_lens, resnet18, 6 landmarks"],
        "Training": ["No history of the training", "holds no recipe"],
        "Similarity": ["landmark patterns", "patterns and memory"],
        "Cost": ["this checkpoint, aonet_lens", "30.22", "−34 %"],
    }[tab]
    assert all(words in page for words in told) and not app.error
    expected = {} if tab == "Checkpoint" else {"tab": tab}
    assert dict(app.query_params) == expected


def test_results_stand_beside_the_paper_as_far_as_they_have_got(monkeypatch, tmp_path):
    monkeypatch.setattr(atlas_service, "RESULTS", tmp_path)
    app = started("model", tab="Results")
    assert "has not been run yet" in app.info[0].value and "66.5" in html(app)
    figure = {"mean": 0.612, "spread": 0.011}
    rows = [
        {"name": "aonet", "figures": {"rank1": figure, "mean_ap": figure}, "difference": {}},
        {"name": "base_gap", "figures": {}, "difference": {}, "failed": {"0": "NaN"}},
        {"name": "base_max", "figures": {}, "difference": {}, "failed": {}, "missing": [0]},
    ]
    content = {"command": "python -m aonet_core report ablation --x", "tables": [{"rows": rows}]}
    (tmp_path / "ablation.json").write_text(json.dumps(content))
    (tmp_path / "other.md").write_text("# What came out\n\ntext")
    app = started("model", tab="Results")
    page = html(app)
    assert "61.2 <small>± 1.1</small>" in page and "report ablation --x" in page
    assert "failed" in page and "not yet" in page and not app.info
    assert app.selectbox(key="model_report").options == ["What came out"]
    (tmp_path / "ablation.json").write_text('{"tables": 3}')
    assert "ablation.json cannot be read" in started("model", tab="Results").info[0].value


def test_data_card_and_reading_need_no_network(monkeypatch, tmp_path):
    monkeypatch.setenv("AONET_CHECKPOINT", str(tmp_path / "none.safetensors"))
    assert "without a data card" in started("model", tab="Data").info[0].value
    assert "landmarks" in started("model", tab="Reading").markdown[0].value
    assert "The engine could not start" in errors(started("model"))[0]


def cards(app, side):
    """Names and verdicts of the matches of a side."""
    grids = [part for part in html(app).split("<div class='cards few'>")[1:]]
    return re.findall(r"class='card (\w*)' title='rank \d+, ([^,]+),", grids[side])


def test_two_matches_of_one_network_are_compared_at_once(small_samples):
    samples = read_samples(small_samples)
    query = next(s for s in samples.samples.values() if s.role == "query")
    app = started("compare", picture=query.name)
    page = html(app)
    assert page.count("class='versus'") == 2 and page.count("<img src") >= 2 * (2 * 6 + 1)
    engine = connect(checkpoint=os.environ["AONET_CHECKPOINT"], samples=str(small_samples))
    for side, form in ((0, None), (1, "unweighted")):
        with Image.open(query.path) as image:
            found = engine.rank(image, top_k=8, skip=samples.junk(query), form=form)
        shown = cards(app, side)
        assert [name for _, name in shown] == list(found.names)
        right = samples.right_matches(query)
        assert [kind == "right" for kind, _ in shown] == [n in right for n in found.names]
    assert "first right match" in page and "ρ = " in page
    assert dict(app.query_params) == {"picture": query.name}
    matches = re.findall(r"K = 6 · ([^<]+)<", page)
    assert matches == ["Eq. 8, normalised", "SL features, without the reference"]
    next(button for button in app.button if button.label == "Swap A and B").click()
    run(app)
    assert re.findall(r"K = 6 · ([^<]+)<", html(app)) == matches[::-1]
    assert dict(app.query_params) == {"picture": query.name, "match_a": "sl", "match_b": ""}


def test_another_network_with_two_landmarks_and_an_edit(small_samples, folder, monkeypatch):
    query = next(s for s in read_samples(small_samples).samples.values() if s.role == "query")
    token = edit_to_token(Edit((Rectangle(0, 0, 200, 60),), Fill("black")))
    link = {"picture": query.name, "edit": token, "b": "path", "path_b": "", "match_b": "sl"}
    monkeypatch.setattr("app.services.galleries.at_home", lambda: True)
    app = started("compare", **link)
    assert errors(app) == ["Name a checkpoint: the path of a .safetensors file."]
    assert len(cards(app, 0)) == 8
    app = started("compare", **link | {"path_b": str(folder / "two.safetensors")})
    page = html(app)
    # It retrieves by attended features, of which there are none without the reference.
    assert "K = 2" in page and app.query_params["match_b"] == "unweighted"
    assert len(cards(app, 0)) == len(cards(app, 1)) == 8 and "hidden by hand" not in errors(app)
    app = started("compare", **link | {"path_b": "nowhere.safetensors"})
    assert len(errors(app)) == 1 and "no checkpoint" in errors(app)[0].lower()


@pytest.mark.parametrize(
    "link, words",
    [
        ({"picture": "query/none.jpg"}, "There is no sample query/none.jpg here"),
        ({"edit": "x" * 30}, ""),
    ],
)
def test_what_is_not_there_is_told_in_a_sentence(link, words):
    app = started("compare", **link)
    assert len(errors(app)) == 1 and words in errors(app)[0]
    assert "cards few" not in html(app)


def test_an_upload_that_is_gone_is_named_and_a_sample_stands_in():
    app = started("compare", picture="upload:123")
    assert any("Not kept any more" in each.value for each in app.markdown) and not app.error


def test_without_samples_compare_asks_for_a_photo(monkeypatch, tmp_path):
    monkeypatch.setenv("AONET_SAMPLES", str(tmp_path))
    app = started("compare", b="nothing", opacity="900")
    assert "Upload a photo" in app.info[0].value and not app.error
