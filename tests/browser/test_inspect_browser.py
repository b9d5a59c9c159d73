"""The Inspect view in Chromium, as a visitor meets it."""

import csv
import io
import re

import pytest
from PIL import Image

from tests.browser.pages import download

TILES = "img[alt^='landmark']"


def tiles(page, count):
    """Sources of the map tiles, once there are so many and all are drawn."""
    page.wait_for_function(
        "([tiles, count]) => document.querySelectorAll(tiles).length === count", arg=[TILES, count]
    )
    assert page.eval_on_selector_all(TILES, "all => all.every(tile => tile.naturalWidth > 0)")
    return page.eval_on_selector_all(TILES, "all => all.map(tile => tile.src)")


def test_first_screen_fits_and_a_link_reopens_it(page, address, browser):
    page.goto(address)
    shown = tiles(page, 36)
    page.wait_for_url(re.compile(r"\?left=.+&right=.+"))
    page.get_by_text(re.compile(r"checkpoint default \w{8}")).wait_for()
    # Nothing runs out of the window sideways, and the last row of numbers is on it.
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("box => box.scrollWidth <= box.clientWidth")
    assert page.get_by_text("true visibility", exact=True).first.bounding_box()["y"] < 880
    page.get_by_role("radio", name="2", exact=True).click()
    single = tiles(page, 6)
    page.wait_for_url(re.compile("landmark=2"))
    visitor = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    visitor.goto(page.url)
    assert tiles(visitor, 6) == single and shown != single
    visitor.context.close()
    page.get_by_role("link", name="Model").click()
    page.get_by_role("tab", name="Checkpoint").wait_for()
    page.get_by_role("link", name="Inspect").click()
    assert tiles(page, 6) == single


@pytest.mark.slow
def test_uploads_good_and_bad_and_the_table(page, address, tmp_path):
    page.goto(address)
    tiles(page, 36)
    photo = tmp_path / "me.png"
    Image.effect_noise((60, 140), 80).save(photo)
    page.set_input_files("input[type=file]", photo)
    page.get_by_role("heading", name="me.png").wait_for()
    before = tiles(page, 18)
    # A name that Markdown would take for emphasis and a link is shown as it is.
    notes = tmp_path / "no*t*es [a](b).jpg"
    notes.write_text("not a picture")
    page.set_input_files("input[type=file]", notes)
    page.get_by_text("no*t*es [a](b).jpg is not an image this application reads").wait_for()
    assert tiles(page, 18) == before
    assert page.get_by_text("Traceback").count() == 0
    table = download(page, "CSV scores").decode()
    lines = list(csv.DictReader(io.StringIO(table)))
    assert [line["picture"] for line in lines] == ["me.png"] * 6
    assert all(0 <= float(line["awareness"]) <= 1 for line in lines)
