"""A visitor's way through the application in Chromium: nothing lost, misread or unannounced."""

import re
from pathlib import Path

import pytest

from tests.browser.pages import at, download, fetched, idle

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def settings(tiny_settings, tmp_path_factory):
    """A few identities, a tiny network, nothing computed before; all work is asked for."""
    galleries = str(tmp_path_factory.mktemp("galleries"))
    return tiny_settings | {"AONET_PATIENCE": "0", "AONET_GALLERIES": galleries}


@pytest.fixture
def page(page):
    page.set_default_timeout(60_000)
    return page


def test_truth_and_belief_have_words_of_their_own(page, address):
    page.goto(address)
    page.locator(".strip.many img").first.wait_for()
    idle(page)
    marks = {mark.strip() for mark in page.locator(".strip mark:not(.none)").all_inner_texts()}
    assert marks and marks <= {"■ occluded", "◧ partly"}
    page.goto(address + "lab")
    page.locator(".seen .strip img").first.wait_for()
    idle(page)
    text = page.locator(".seen .strip").inner_text()
    assert "network believes" in text and re.search("● seen|○ unseen", text)
    assert "believes hidden" not in text


def test_long_work_is_announced_goes_on_elsewhere_and_is_kept(page, address):
    page.goto(address + "lab?tab=Where+does+it+hurt")
    run = page.get_by_role("button", name="Run", exact=True)
    run.wait_for()
    page.get_by_text(re.compile("Hiding every place, and mapping by 3 methods")).wait_for()
    idle(page)
    assert not page.locator(".attribution").count()
    run.click()
    page.get_by_role("link", name="Model").first.click()
    page.wait_for_url(re.compile("/model"))
    page.get_by_role("link", name="Occlusion lab").first.click()
    maps = page.locator(".attribution figure")
    expect(maps).to_have_count(4, timeout=120_000)
    page.reload()
    expect(maps).to_have_count(4, timeout=120_000)
    assert not run.count()


def test_a_sample_is_chosen_by_its_picture_and_the_pinned_one_stays(page, address):
    page.goto(address)
    page.locator(".strip.many img").first.wait_for()
    at(page, right="twins/")
    idle(page)
    pinned = page.locator(".panel h2").nth(1).inner_text()
    page.get_by_text("Pin the right picture").click()
    at(page, pin="1")
    page.get_by_role("button", name="Browse").click()
    tiles = page.locator(".browse .tile")
    tiles.nth(2).wait_for()
    names = tiles.locator("small").all_inner_texts()
    assert len(set(names)) == len(names) > 2
    chosen = tiles.nth(2).get_attribute("data-pick")
    # Pointed at, it is shown in large.
    tiles.nth(2).hover()
    page.locator(".preview img").wait_for()
    tiles.nth(2).click()
    at(page, left=chosen)
    idle(page)
    assert page.locator(".panel h2").nth(1).inner_text() == pinned
    # A file is named after page, pictures and checkpoint; it is there in the next instant, too.
    with page.expect_download() as coming:
        page.get_by_role("button", name="CSV scores").click()
    name = coming.value.suggested_filename
    assert re.fullmatch(rf"aonet-inspect-{Path(chosen).stem}.*-scores-\w{{8}}\.csv", name)
    page.get_by_role("button", name="Swap").click()
    assert fetched(page, "CSV scores").startswith(b"picture,landmark")
    assert Path(chosen).stem.partition("_")[0].encode() in download(page, "CSV scores")


def test_keys_undo_and_redo_after_a_click_on_the_toolbar(page, address):
    page.goto(address + "lab")
    page.locator(".seen .strip img").first.wait_for()
    shapes = page.locator(".canvas [data-shape]")
    expect(shapes).to_have_count(1)
    page.get_by_title("Delete all shapes").click()
    expect(shapes).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(shapes).to_have_count(1)
    page.keyboard.press("Control+y")
    expect(shapes).to_have_count(0)
    page.get_by_title("Undo").click()
    expect(shapes).to_have_count(1)
    page.keyboard.press("Control+y")
    expect(shapes).to_have_count(0)
