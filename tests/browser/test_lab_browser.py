"""The occlusion lab in Chromium, as a visitor meets it."""

import re

import pytest

from tests.browser.pages import download, idle

expect = pytest.importorskip("playwright.sync_api").expect

NUMBERS = "document.querySelector('.seen')?.innerText"
TIMEOUT = 180_000
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def settings(small_samples, tmp_path_factory):
    """The shipped network and a few identities, nothing computed before."""
    cache = str(tmp_path_factory.mktemp("cache"))
    return {"AONET_CACHE": cache, "AONET_SAMPLES": str(small_samples)}


def opened(page, address, link=""):
    """The lab once it shows a result; what it says."""
    page.set_default_timeout(TIMEOUT)
    page.goto(f"{address}lab{link}")
    page.wait_for_selector(".seen .strip img")
    page.wait_for_url(re.compile("picture="))
    return page.evaluate(NUMBERS)


def changed(page, before):
    """What the page says once it says something else."""
    page.wait_for_function(f"(before) => {NUMBERS} !== before", arg=before)
    return page.evaluate(NUMBERS)


def drag(page, *points):
    """Points are shares of the photo's width and height."""
    box = page.locator(".canvas .photo").bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=4)
    page.mouse.up()


def hidden(text):
    return float(re.search(r"([\d.]+)\s% hidden", text).group(1))


@pytest.mark.parametrize("width", [1000, 1440])
def test_a_stroke_changes_the_numbers_undo_takes_it_back_and_a_link_reopens_it(
    page, address, browser, width
):
    page.set_viewport_size({"width": width, "height": 900})
    first = opened(page, address)
    assert 0 < hidden(first) < 100
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("box => box.scrollWidth <= box.clientWidth")
    page.get_by_title("Brush").click()
    address_before = page.url
    drag(page, (0.2, 0.8), (0.5, 0.85), (0.8, 0.8))
    drawn = changed(page, first)
    assert hidden(drawn) > hidden(first)
    page.wait_for_function("before => location.href !== before", arg=address_before)
    visitor = browser.new_context(viewport={"width": width, "height": 900}).new_page()
    assert hidden(opened(visitor, address, "?" + page.url.partition("?")[2])) == hidden(drawn)
    visitor.context.close()
    page.get_by_title("Undo").click()
    assert hidden(changed(page, drawn)) == hidden(first)
    page.get_by_title("Delete all shapes").click()
    assert "Nothing is hidden" in changed(page, first)


def test_a_sweep_plays_can_be_stopped_and_goes_into_a_report_that_needs_no_network(
    page, address, browser, tmp_path
):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    opened(page, address)
    page.get_by_role("tab", name="Sweep").click()
    page.wait_for_selector(".player .panels section svg")
    page.wait_for_timeout(1000)  # the player is put in place once more when the run ends
    place = page.locator(".player output")
    at_rest = place.inner_text()
    page.get_by_role("button", name="Play").click()
    expect(place).not_to_have_text(at_rest)
    page.locator(".player input[type=range]").focus()
    page.keyboard.press("Home")
    assert place.inner_text().startswith("1 of ")
    file = tmp_path / "report.html"
    file.write_bytes(download(page, "HTML report"))
    reader = browser.new_context(offline=True).new_page()
    beyond = []
    reader.on("request", lambda request: beyond.append(request.url))
    reader.goto(file.as_uri())
    assert reader.locator(".player .panels section svg").count() == 7
    assert reader.locator(".seen .strip img").count() == 26
    reader.context.close()
    assert all(url.startswith(("data:", "blob:", "file:")) for url in beyond)
    outside = [url for url in asked if not url.startswith((address, "data:", "blob:"))]
    assert outside == []


def test_long_work_can_be_cancelled_and_run_again(page, address):
    opened(page, address)
    page.get_by_role("tab", name="Counterfactual").click()
    page.get_by_text("Looking at all pictures of the gallery").wait_for()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Stopped: looking at all pictures").wait_for()
    assert not page.get_by_text("first with nothing hidden").count()
    page.get_by_role("button", name="Run").click()
    page.get_by_text("first with nothing hidden").wait_for()
    # A cancelled sweep leaves the one before.
    page.get_by_role("tab", name="Sweep").click()
    curves = page.locator(".player .panels section svg")
    curves.first.wait_for()
    idle(page)
    before = page.locator(".player output").inner_text()
    page.get_by_role("slider", name="Step, px").press("Home")  # many more positions
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Stopped: hiding one place after the other").wait_for()
    page.get_by_text("The sweep before").wait_for()
    idle(page)
    assert curves.count() and page.locator(".player output").inner_text() == before
