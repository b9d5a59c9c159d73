"""From "it failed" to "this landmark fooled it" in three clicks, in Chromium."""

import re

import numpy as np
import pytest
from PIL import Image

from tests.browser.pages import at, idle, open_row

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def settings(tiny_settings):
    """A few identities and a network that has learnt nothing and so fails."""
    return tiny_settings


def test_three_clicks_lead_to_the_landmark(page, address, browser):
    page.set_default_timeout(90_000)
    page.goto(address)
    # One: the page of failures. It works out what it shows.
    page.get_by_role("link", name="Failures").click()
    table = page.get_by_test_id("stDataFrame")
    table.wait_for()
    page.get_by_role("radio", name=re.compile("all failures")).wait_for()
    # Two: the worst query.
    open_row(page, table)
    verdict = page.locator(".verdict")
    verdict.wait_for()
    text = verdict.inner_text()
    assert "wrong match is ahead" in text and re.search(
        r"speaks for it, \d+\s%, comes from \d", text
    )
    page.get_by_text("Cause:").wait_for()
    values = [float(v.replace("−", "-")) for v in page.locator(".lead .line > b").all_inner_texts()]
    assert sum(values[:-1]) == pytest.approx(values[-1], abs=4e-3)
    # One press goes back to the failures, and one forward again.
    page.go_back()
    table.wait_for()
    assert "/failures" in page.url and not verdict.count()
    page.go_forward()
    verdict.wait_for()
    idle(page)
    named = re.search(r"comes from (\d)", text)[1]
    expect(page.locator(".removal").nth(int(named) - 1)).to_contain_text(f"without {named}")
    # Three: who comes first without one landmark, at the first failure where that is somebody else.
    query, match = page.locator(".framed").nth(0), page.locator(".framed").nth(1)
    while True:
        shown = match.get_attribute("title")
        others = page.locator(f".removal:not([data-pick='{shown}'])")
        if others.count():
            break
        before = query.get_attribute("title")
        page.get_by_role("button", name="Next").click()  # there is none after the last failure
        expect(query).not_to_have_attribute("title", before)
        idle(page)
    first = others.first.get_attribute("data-pick")
    others.first.click()
    expect(match).to_have_attribute("title", first)
    at(page, match=first)
    # A link reopens the same pair.
    shown = match.locator("img").get_attribute("src")
    visitor = browser.new_context().new_page()
    visitor.set_default_timeout(90_000)
    visitor.goto(page.url)
    again = visitor.locator(".framed").nth(1)
    expect(again).to_have_attribute("title", first)
    assert again.locator("img").get_attribute("src") == shown
    visitor.context.close()


def test_a_match_opens_its_pair_and_the_way_back_is_remembered(page, address):
    page.set_default_timeout(90_000)
    page.goto(address + "retrieve?top=50&junk=1")
    cards = page.locator(".cards .card")
    cards.first.wait_for()
    assert page.locator("[data-testid=stMain]").evaluate(
        "box => box.scrollWidth <= box.clientWidth"
    )
    chosen = cards.nth(3).get_attribute("data-pick")
    cards.nth(3).click()
    page.wait_for_url(re.compile("/pair"))
    page.locator(".verdict").wait_for()
    page.wait_for_function(
        "name => new URL(location).searchParams.get('match') === name", arg=chosen
    )
    page.get_by_role("link", name="Retrieve").click()
    page.wait_for_url(re.compile("/retrieve.*top=50"))
    page.locator(".cards .card").first.wait_for()


def test_a_gallery_is_made_of_pictures_used_and_deleted(page, address, tmp_path):
    page.set_default_timeout(90_000)
    files = []
    for seed in range(3):
        pixels = np.random.default_rng(seed).integers(0, 255, (60, 30, 3), dtype=np.uint8)
        files.append(tmp_path / f"{seed}.png")
        Image.fromarray(pixels).save(files[-1])
    (tmp_path / "bad.jpg").write_text("no picture")
    page.goto(address + "retrieve")
    page.locator(".cards .card").first.wait_for()
    page.get_by_role("button", name="Galleries…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="Pictures").click()
    dialog.get_by_text("cropped to one person each").wait_for()
    dialog.locator("input[type=file]").set_input_files([*files, tmp_path / "bad.jpg"])
    dialog.get_by_role("textbox", name="Name").fill("mine")
    dialog.get_by_role("textbox", name="Name").press("Enter")
    dialog.get_by_role("button", name="Make", exact=True).click()
    dialog.get_by_text("3 pictures added").wait_for()
    assert dialog.get_by_text("bad.jpg").count()
    dialog.get_by_role("button", name="Use").click()
    page.wait_for_url(re.compile("gallery=mine"))
    page.wait_for_function("document.querySelectorAll('.cards .card').length === 2")
    page.get_by_role("button", name="Galleries…").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete mine").click()
    page.get_by_text("mine was deleted").wait_for()
