"""From a landmark to a picture, from there to another network, in Chromium."""

import re

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def settings(tiny_settings):
    """A few identities and a tiny network, as most of these modules have."""
    return tiny_settings


def fits(page):
    return page.locator("[data-testid=stMain]").evaluate(
        "box => box.scrollWidth <= box.clientWidth"
    )


def test_atlas_compare_and_model_show_the_same_network(page, address):
    page.set_default_timeout(180_000)
    page.goto(address + "atlas?landmark=2")
    tiles = page.locator(".atlas .tile")
    tiles.first.wait_for()
    assert tiles.count() == 24 and fits(page)
    # A picture opens on Inspect, on the same landmark.
    name = tiles.first.get_attribute("data-pick").removeprefix("inspect ")
    tiles.first.click()
    page.wait_for_url(re.compile(r"/\?left=.*landmark=2"))
    page.locator(".strip.one img").first.wait_for()
    assert name.rpartition("/")[2].partition("_")[0] in page.locator(".panel h2").first.inner_text()
    # The two matches of one network, side by side.
    page.get_by_role("link", name="Compare").click()
    page.wait_for_function("document.querySelectorAll('.cards.few').length === 2")
    assert page.locator(".versus").count() == 2 and fits(page)
    page.set_viewport_size({"width": 1000, "height": 900})
    assert fits(page)
    # The model's page, whose open tab is in the address.
    page.get_by_role("link", name="Model").click()
    page.get_by_text("holds no measurements").wait_for()
    page.get_by_role("tab", name="Similarity").click()
    page.wait_for_url(re.compile("/model.*tab=Similarity"))
    page.locator(".heat").nth(2).wait_for()
    assert page.locator(".heat").count() == 3
    page.reload()
    page.locator(".heat").nth(2).wait_for()
