"""Every page by axe-core, light and dark: nothing serious; the console clean, nothing from outside.

`make axe` fetches axe-core by npm, once; without it the first test is skipped.
"""

import os
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image

from tests.browser.pages import at, idle

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

CONTRAST = """sign => {
  const pen = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const onto = (under, colour, strength) => {
    pen.globalAlpha = 1; pen.fillStyle = under; pen.fillRect(0, 0, 1, 1);
    pen.globalAlpha = strength; pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1);
    return `rgb(${[...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)].join()})`;
  };
  const luminance = colour => colour.match(/[0-9]+/g).map(each => each / 255)
    .map(each => each <= .04045 ? each / 12.92 : ((each + .055) / 1.055) ** 2.4)
    .reduce((sum, each, place) => sum + [.2126, .7152, .0722][place] * each, 0);
  const found = [...document.querySelectorAll(sign)].map(number => {
    let strength = 1, under = "white";
    const line = [];
    for (let at = number; at; at = at.parentElement) line.unshift(getComputedStyle(at));
    for (const style of line) {
      strength *= style.opacity;
      under = onto(under, style.backgroundColor, 1);
    }
    const {color, fill} = line.at(-1), ink = number.closest("svg") ? fill : color;
    const [low, high] = [under, onto(under, ink, strength)].map(luminance).sort((a, b) => a - b);
    return (high + .05) / (low + .05);
  });
  return found.length >= 6 && Math.min(...found) >= 4.5;
}"""
"""Runs in the page: whether six texts and more stand out from what they stand on, as WCAG asks."""
NUMBERS = {
    "inspect": (".js-plotly-plot .textpoint text", ".strip .cell:has(> .bar) > b"),
    "lab": (".strip.lab .cell:has(> .bar.two) > b", ".strip.lab .cell:has(> .bar.two)"),
}
"""Where a page shows an awareness."""
SCHEME = "scheme => getComputedStyle(document.querySelector('.stApp')).colorScheme === scheme"


@pytest.fixture(scope="module")
def settings(tiny_settings):
    """A few identities and a tiny network, as most of these modules have."""
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
    idle(page)
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
    links = page.locator(".st-key-narrow_pages a")
    links.nth(6).wait_for()  # the part of Streamlit that draws links comes later than the page
    edges = links.evaluate_all("all => all.map(link => link.getBoundingClientRect().right)")
    assert max(edges) <= 390
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        fits(page)
    heads = page.locator(".panel h2 b, .strip .head")
    page.set_viewport_size({"width": 1024, "height": 900})
    cut = "all => all.filter(e => e.scrollWidth > e.clientWidth).map(e => e.innerText)"
    assert heads.evaluate_all(cut) == []
    assert not told


def fits(page):
    """Nothing is wider than the window."""
    page.wait_for_timeout(500)  # what follows the window's width is drawn anew
    # Charts follow later; what never fits runs out of time.
    box = page.locator("[data-testid=stMain]").element_handle()
    inside = "box => box.scrollWidth <= box.clientWidth"
    page.wait_for_function(inside, arg=box, timeout=20_000)


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_of_the_awareness_stand_out_from_their_background(page, address, name):
    opened(page, address, name)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(SCHEME, arg=scheme)
        for sign in NUMBERS[name]:
            page.wait_for_function(CONTRAST, arg=sign, timeout=30_000)


def test_two_matches_stand_in_a_row_of_a_phone(page, address):
    page.set_viewport_size({"width": 390, "height": 844})
    opened(page, address, "retrieve")
    boxes = [page.locator(".cards .card").nth(place).bounding_box() for place in range(3)]
    assert boxes[0]["y"] == boxes[1]["y"] < boxes[2]["y"]
    assert boxes[0]["width"] > 120


def test_a_long_name_with_html_is_shown_as_it_is_and_fits(page, address, told, tmp_path):
    name = f"<img src=x onerror=document.title='run'>{'a' * 156}.png"
    file = tmp_path / name
    Image.effect_noise((60, 140), 80).save(file)
    page.set_viewport_size({"width": 390, "height": 900})
    opened(page, address, "inspect")
    page.set_input_files("input[type=file]", file)
    at(page, left="upload:")
    key = parse_qs(urlsplit(page.url).query)["left"][0]
    names = {"inspect": "left", "lab": "picture", "retrieve": "query", "compare": "picture"}
    for path, part in names.items():
        page.goto(f"{address}{path}?{part}={key}")
        page.locator(PAGES[path][1]).first.wait_for()
        idle(page)
        fits(page)
        assert page.locator("img[src=x]").count() == 0
    assert page.title() != "run" and not told
