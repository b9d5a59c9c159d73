"""Sliders and fields of numbers: what the browser shows where it has drawn them anew."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.pages import run, script


@pytest.mark.parametrize(
    ("page", "key"),
    [("inspect", "opacity"), ("lab", "lab_opacity"), ("compare", "compare_opacity")],
)
def test_a_choice_is_the_default_of_what_shows_it(page, key, small_samples, monkeypatch):
    monkeypatch.setenv("AONET_SAMPLES", str(small_samples))
    app = run(AppTest.from_string(script(page), default_timeout=120))
    assert app.slider(key=key).proto.default == [60]
    app.slider(key=key).set_value(35)
    run(app)
    assert app.slider(key=key).value == 35
    assert app.slider(key=key).proto.default == [35]
