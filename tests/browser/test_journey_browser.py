"""A visitor's work in Chromium: kept for them alone, through reload, way back and another tab."""

import pytest
from PIL import Image

from tests.browser.pages import at, idle

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def settings(tiny_settings):
    """A few identities and a network that has learnt nothing."""
    return tiny_settings


@pytest.fixture
def own(page, tmp_path):
    """A photo to upload."""
    page.set_default_timeout(120_000)
    file = tmp_path / "me.png"
    Image.effect_noise((60, 140), 80).save(file)
    return file


SHAPES = ".canvas [data-shape]"


def test_work_survives_reload_the_way_back_and_a_second_tab(page, address, browser, own):
    page.goto(address + "inspect")
    at(page, left="query/")
    first = page.url
    page.set_input_files("input[type=file]", own)
    page.get_by_role("heading", name="me.png").wait_for()
    at(page, left="upload:")
    # The only picture, it has the width of the page.
    idle(page)
    main = page.get_by_test_id("stMainBlockContainer").bounding_box()
    (strip,) = page.locator(".strip.many").all()
    assert strip.bounding_box()["width"] >= 0.85 * main["width"]
    page.reload()
    page.get_by_role("heading", name="me.png").wait_for()
    # One step back, and one forward again.
    page.go_back()
    page.wait_for_url(first)
    page.get_by_text("true visibility", exact=True).first.wait_for()
    page.go_forward()
    page.get_by_role("heading", name="me.png").wait_for()
    # What is drawn, and what was drawn before, is there after a reload.
    page.get_by_role("link", name="Occlusion lab").click()
    page.wait_for_selector(".seen .strip img")
    page.get_by_text("Shapes as numbers").click()
    before = page.url
    page.locator(".canvas #add").click()
    page.wait_for_url(lambda url: "edit=" in url and url != before)
    drawn = page.locator(SHAPES).count()
    page.reload()
    # The canvas is a widget of its own: it may be in place after the results are.
    expect(page.locator(SHAPES)).to_have_count(drawn)
    page.get_by_title("Undo").click()
    expect(page.locator(SHAPES)).to_have_count(drawn - 1)
    # A second tab has it too; somebody else's browser has not, and says so.
    second = page.context.new_page()
    second.set_default_timeout(120_000)
    second.goto(address)
    second.get_by_role("heading", name="me.png").wait_for()
    at(second, left="upload:")  # the address follows what is shown
    stranger = browser.new_context().new_page()
    stranger.set_default_timeout(120_000)
    stranger.goto(second.url)
    stranger.get_by_text("Not kept any more").wait_for()
    assert stranger.get_by_text("me.png").count() == 0
    stranger.context.close()
    second.get_by_role("button", name="Forget my pictures").click()
    at(second, left="query/")
    assert second.get_by_role("button", name="Forget my pictures").count() == 0
    assert second.evaluate("localStorage.getItem('aonet-lens undo')") is None
