"""Every page by axe-core, light and dark: nothing serious; the console clean, nothing from outside.

`make axe` fetches axe-core by npm, once; without it the first test is skipped.
"""

import os
from pathlib import Path

import pytest
from PIL import Image

pytestmark = pytest.mark.slow
AXE = Path(
    os.environ.get("AXE_CORE")
    or Path(__file__).resolve().parents[2] / ".venv/axe/node_modules/axe-core/axe.min.js"
)
PAGES = {
    "inspect": ("", ".js-plotly-plot .bars path"),
    "one landmark": ("?landmark=2", ".strip.one img"),
    "lab": ("lab", ".seen .strip img"),
    "sweep": ("lab?tab=Sweep", ".player .panels section svg"),
    "retrieve": ("retrieve", ".cards .card"),
    "pair": ("pair", ".verdict"),
    "failures": ("failures", "[data-testid=stDataFrame]"),
    "map": ("map", ".stage canvas"),
    "atlas": ("atlas", ".atlas .tile"),
    "compare": ("compare", ".cards.few .card"),
    "model": ("model", ".facts-list"),
    "tour": ("?tour=1", ".st-key-tour"),
}
WIDTHS = (390, 1024, 1440)
"""Of a phone, a small and a large window, in pixels."""
PROBED = ("/_stcore/health", "/_stcore/host-config")
"""Streamlit looks for its server below a page's own path first, where it is not."""


@pytest.fixture(scope="module")
def settings(tiny_settings):
    """A few identities, a tiny network, nothing computed before."""
    return tiny_settings


@pytest.fixture
def told(page, address):
    """What the page's console says is wrong, and what is asked of other hosts."""
    found = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on(
        "request",
        lambda request: (
            found.append(request.url)
            if not request.url.startswith((address, "data:", "blob:"))
            else None
        ),
    )
    page.on(
        "response",
        lambda answer: (
            found.append(f"{answer.status} {answer.url}")
            if answer.status >= 400 and not answer.url.endswith(PROBED)
            else None
        ),
    )
    page.on(
        "console",
        lambda message: (
            found.append(message.text)
            if message.type == "error" and "404" not in message.text
            else None
        ),
    )
    return found


def opened(page, address, name):
    path, sign = PAGES[name]
    page.set_default_timeout(180_000)
    page.goto(address + path)
    page.locator(sign).first.wait_for()
    page.wait_for_timeout(1000)
    assert not page.locator("[data-testid=stException]").count()


@pytest.mark.skipif(not AXE.is_file(), reason="there is no axe-core: make axe")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious(page, address, name, scheme):
    page.emulate_media(color_scheme=scheme)
    opened(page, address, name)
    page.add_script_tag(path=str(AXE))
    serious = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(1000)  # what follows the window's width is drawn anew
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        serious |= {
            (width, violation["id"]): [
                (node["target"], node["failureSummary"]) for node in violation["nodes"]
            ][:3]
            for violation in found["violations"]
            if violation["impact"] in ("serious", "critical")
        }
    assert not serious


@pytest.mark.parametrize("name", PAGES)
def test_pages_say_nothing_wrong_ask_nobody_else_and_fit(page, address, told, name):
    page.set_viewport_size({"width": 390, "height": 900})
    opened(page, address, name)
    assert page.get_by_role("link", name="Occlusion lab").first.is_visible()
    box = page.locator("[data-testid=stMain]")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(500)  # what follows the window's width is drawn anew
        # Charts follow later; what never fits runs out of time.
        fits = "box => box.scrollWidth <= box.clientWidth"
        page.wait_for_function(fits, arg=box.element_handle(), timeout=20_000)
    assert not told


def test_two_matches_stand_in_a_row_of_a_phone(page, address):
    page.set_viewport_size({"width": 390, "height": 844})
    opened(page, address, "retrieve")
    boxes = [page.locator(".cards .card").nth(place).bounding_box() for place in range(3)]
    assert boxes[0]["y"] == boxes[1]["y"] < boxes[2]["y"]
    assert boxes[0]["width"] > 120


def test_a_name_with_html_is_shown_as_it_is(page, address, told, tmp_path):
    name = "<img src=x onerror=document.title='run'>.png"
    file = tmp_path / name
    Image.effect_noise((60, 140), 80).save(file)
    opened(page, address, "inspect")
    page.set_input_files("input[type=file]", file)
    page.get_by_role("heading", name=name).wait_for()
    for link in ("Occlusion lab", "Retrieve", "Compare"):
        page.get_by_role("link", name=link).click()
        page.wait_for_timeout(2500)
        assert page.locator("img[src=x]").count() == 0
    assert page.title() != "run" and not told
