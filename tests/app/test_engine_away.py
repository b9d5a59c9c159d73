"""Every page with an engine elsewhere: away, refusing, dying at work, back again."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from aonet_core.engine import EngineAway, EngineDenied, connect
from aonet_core.model import save_checkpoint
from app.services import connection
from tests.app.pages import run

PAGE = """
import streamlit as st
from app.main import VIEWS
from app.shared import engine_state
st.session_state.setdefault("pages", {{}})
with engine_state.watched():
    VIEWS["{page}"].run()
"""
PAGES = ("inspect", "lab", "retrieve", "pair", "failures", "map", "atlas", "compare", "model")


class Elsewhere:
    """An engine that can be taken away.

    Attributes:
        trouble: What is raised instead of an answer, None for answers.
        dies_at: Positions of a sweep after which it goes away.
        asked: How many questions came through to it.
    """

    def __init__(self, engine):
        self.engine, self.trouble, self.dies_at, self.asked = engine, None, None, 0

    def check(self, seconds=2.0):
        if self.trouble:
            raise self.trouble

    def __getattr__(self, name):
        def ask(*args, **kwargs):
            self.asked += 1
            self.check()
            progress = kwargs.get("progress")
            if self.dies_at is not None and progress:

                def told(done, total):
                    progress(done, total)
                    if done >= self.dies_at:
                        self.trouble = EngineAway("the engine at host:1 broke the connection off")
                        raise self.trouble

                kwargs["progress"] = told
            return getattr(self.engine, name)(*args, **kwargs)

        return ask


@pytest.fixture(scope="module")
def engine(tiny_checkpoint, small_samples, tmp_path_factory):
    galleries = tmp_path_factory.mktemp("elsewhere") / "galleries"
    return connect(checkpoint=tiny_checkpoint, samples=small_samples, galleries=galleries)


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch, engine, small_samples):
    """The front end's only engine: it must never make one of its own."""
    found = Elsewhere(engine)

    def reach(url=None, token=None, checkpoint="default"):
        assert (url, token, checkpoint) == ("http://host:1", "word", "default")
        return found

    monkeypatch.setattr(connection, "connect", reach)
    monkeypatch.setattr(connection, "RECHECK", 0.0)
    monkeypatch.setenv("AONET_ENGINE_URL", "http://host:1")
    monkeypatch.setenv("AONET_ENGINE_TOKEN", "word")
    monkeypatch.setenv("AONET_SAMPLES", str(small_samples))
    monkeypatch.delenv("AONET_CHECKPOINT", raising=False)
    yield found
    st.cache_data.clear()
    st.cache_resource.clear()


def started(page, **state):
    app = AppTest.from_string(PAGE.format(page=page), default_timeout=120)
    app.query_params.update(state)
    return run(app)


def told(app):
    return [warning.value.replace("\\", "") for warning in app.warning if "engine" in warning.value]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_says_that_the_engine_is_away_and_recovers_without_a_reload(page, elsewhere):
    elsewhere.trouble = EngineAway("the engine at host:1 cannot be reached: nothing listens there")
    app = started(page)
    run(app)
    (words,) = told(app)
    assert "The engine is away" in words and "nothing listens there." in words and "kept" in words
    assert [button.label for button in app.button].count("Try again") == 1
    elsewhere.trouble = None
    next(button for button in app.button if button.label == "Try again").click()
    run(app)
    assert not told(app) and not app.error


def test_a_refused_token_is_told_as_such(elsewhere):
    elsewhere.trouble = EngineDenied("the engine at host:1 refuses the token")
    app = run(started("inspect"))
    (words,) = told(app)
    assert "another token" in words and "host:1" in words and "AONET_ENGINE_TOKEN" in words


def test_nobody_waits_for_an_engine_that_is_known_to_be_away(elsewhere, monkeypatch):
    elsewhere.trouble = EngineAway("gone")
    app = started("inspect")
    monkeypatch.setattr(connection, "RECHECK", 1e9)
    before = elsewhere.asked
    for _ in range(3):
        run(app)
    assert elsewhere.asked == before and told(app)


def test_what_was_seen_stays_while_the_engine_is_away(elsewhere):
    app = started("inspect")
    drawn = [e.proto.body for e in app.get("html") if "<img" in e.proto.body]
    elsewhere.trouble = EngineAway("gone")
    app.slider(key="opacity").set_value(80)
    run(app)
    again = [e.proto.body for e in app.get("html") if "<img" in e.proto.body]
    assert len(again) == len(drawn) > 0 and not app.error


def test_an_engine_that_dies_in_a_sweep_costs_nothing_but_the_sweep(elsewhere):
    app = started("lab", tab="Sweep")
    assert not told(app) and not app.error
    chosen = dict(app.query_params)
    bar = next(each for each in app.slider if each.key.startswith("lab_size"))
    elsewhere.dies_at = 1
    bar.set_value(bar.value + 7)
    run(app)
    (words,) = told(app)
    assert "broke the connection off" in words
    assert [error.value for error in app.error] == [connection.UNANSWERED]
    assert not [button for button in app.button if button.label == "Cancel"]
    elsewhere.trouble = elsewhere.dies_at = None
    run(app)
    assert not told(app) and not app.error and dict(app.query_params) == chosen
    again = next(each for each in app.slider if each.key == bar.key)
    assert again.value == bar.value


def test_another_checkpoint_in_its_place_is_noticed(
    elsewhere, engine, tiny_model, tmp_path, small_samples
):
    app = started("model")
    elsewhere.trouble = EngineAway("gone")
    run(app)
    other = save_checkpoint(tmp_path / "other", tiny_model("aonet_lens", seed=3), {})
    digest = engine.info().digest
    assert connection.info().digest == digest
    elsewhere.engine = connect(checkpoint=other, samples=small_samples)
    with pytest.raises(connection.Away):
        connection.engine().info()
    elsewhere.trouble = None
    run(app)
    assert connection.info().digest != digest


def test_uploads_of_one_session_are_hidden_from_another():
    import io

    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (40, 80), (200, 10, 10)).save(file, "PNG")
    first = started("inspect")
    first.file_uploader(key="files").set_value([("me.png", file.getvalue(), "")])
    run(first)
    key = first.session_state["left"]
    assert key.startswith("upload:")
    second = started("inspect", left=key)
    (problem,) = [each.value for each in second.markdown if "Not kept any more" in each.value]
    assert "me.png" not in str([each.options for each in second.selectbox])
