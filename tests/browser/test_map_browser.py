"""The map in Chromium: a lasso selects what it surrounds; nothing and everything is selected."""

import base64
import re

import numpy as np
import pytest

from tests.browser.pages import download, idle

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def settings(tiny_settings):
    """A few identities and a tiny network, as most of these modules have."""
    return tiny_settings


PLACES = """() => {
  const roots = [...document.querySelectorAll("*")].map((each) => each.shadowRoot);
  const root = [document, ...roots].find((each) => each?.querySelector(".scatter"));
  const widget = root?.querySelector(".scatter").scatter;
  if (!widget) return null; // not yet in place
  const { cloud, selected, data } = widget;
  return { x: [...cloud.x], y: [...cloud.y], selected: [...selected], per: data.per };
}"""
"""Runs in the page: where the widget has its points, and which of them are selected."""


def drawn(page):
    """The widget's points, once it is there."""
    return page.wait_for_function(PLACES).json_value()


def told(page):
    """Points that are selected, by the line above the map."""
    text = page.locator(".scatter output").inner_text()
    return int(text.split()[0].replace(",", "")) if "selected" in text else 0


def test_a_lasso_selects_what_it_surrounds(page, address):
    page.set_default_timeout(120_000)
    page.goto(address + "map")
    page.get_by_text("Nothing selected").wait_for(timeout=300_000)  # UMAP is compiled first
    places = drawn(page)
    points = np.stack([places["x"], places["y"]], axis=1)
    box = page.locator(".stage").bounding_box()
    low, high = points.min(axis=0) - 4, points.max(axis=0) + 4
    middle = np.median(points[:, 0])
    corners = [(low[0], low[1]), (middle, low[1]), (middle, high[1]), (low[0], high[1])]
    page.mouse.move(*(np.array(corners[0]) + (box["x"], box["y"])))
    page.mouse.down()
    for corner in corners[1:]:
        page.mouse.move(*(np.array(corner) + (box["x"], box["y"])), steps=4)
    page.mouse.up()
    page.locator(".cards.points .card").first.wait_for()
    selected = np.array(drawn(page)["selected"], bool)
    away = np.abs(points[:, 0] - middle) > 2  # the pointer moves by whole pixels
    np.testing.assert_array_equal(selected[away], points[away, 0] < middle)
    assert told(page) == selected.sum()
    # Python counts the same, and its first picture is one of them.
    tile = page.locator(".facts.tiles", has_text="person purity").locator("div", has_text="points")
    assert int(tile.first.locator("b").inner_text().replace(",", "")) == selected.sum()
    first = int(page.locator(".cards.points .card[data-pick]").first.get_attribute("data-pick"))
    assert selected[first]
    # Another colour is the browser's business and stays in the address.
    page.locator("select.colour").select_option("awareness")
    page.wait_for_url(re.compile("colour=awareness"))
    assert told(page) == selected.sum()
    # On the way back from another page the selection is still there.
    page.get_by_role("link", name="Model").click()
    page.wait_for_url(re.compile("/model"))
    page.get_by_role("link", name="Map").click()
    page.locator(".cards.points .card").first.wait_for()
    page.wait_for_function("document.querySelector('.cards.points')")
    assert told(page) == selected.sum()
    page.locator(".cards.points .card[data-pick]").first.click()
    page.wait_for_url(re.compile("/retrieve.*query="))


def test_everything_and_nothing_and_a_picture_file(page, address):
    page.set_default_timeout(120_000)
    page.goto(address + "map")
    page.get_by_text("Nothing selected").wait_for(timeout=300_000)  # UMAP is compiled first
    count = len(drawn(page)["x"])
    page.get_by_role("button", name="All", exact=True).click()
    page.locator(".cards.points .card").first.wait_for()
    expect(page.locator(".scatter output")).to_have_text(f"{count:,} of {count:,} points selected")
    page.locator(".stage").press("Escape")
    page.get_by_text("Nothing selected").wait_for()
    expect(page.locator(".scatter output")).to_have_text(f"{count:,} points")
    page.locator(".scatter .legend button").nth(1).click()  # a landmark's name
    page.locator(".cards.points .card").first.wait_for()
    expect(page.locator(".scatter output")).to_contain_text("selected")
    places = drawn(page)
    landmarks = np.flatnonzero(places["selected"]) % places["per"]
    assert len(landmarks) == count / places["per"] and set(landmarks) == {1}
    saved = download(page, "PNG map")
    assert saved.startswith(base64.b64decode("iVBORw0KGgo=")) and len(saved) > 5000


def test_a_selection_stays_from_the_plane_to_space(page, address):
    page.set_default_timeout(120_000)
    page.goto(address + "map")
    page.get_by_text("Nothing selected").wait_for(timeout=300_000)  # UMAP is compiled first
    page.locator(".scatter .legend button").nth(1).click()
    page.locator(".cards.points .card").first.wait_for()
    selected = told(page)
    assert selected
    page.get_by_role("radio", name="3-D").click()
    page.wait_for_url(re.compile("dimensions=3"))
    idle(page)
    assert told(page) == selected
