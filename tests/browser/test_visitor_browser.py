"""A visitor's way through the application in Chromium: nothing lost, misread or unannounced."""

import re
import zipfile
from pathlib import Path

import pytest

from tests.browser.pages import at, download, fetched, idle, open_row, run_until

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.slow
SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"


@pytest.fixture(scope="module")
def settings(tiny_settings, tmp_path_factory):
    """A few identities, a tiny network, nothing computed before; all work is asked for."""
    own = {name: str(tmp_path_factory.mktemp(name)) for name in ("AONET_CACHE", "AONET_GALLERIES")}
    return tiny_settings | own | {"AONET_PATIENCE": "0"}


def test_truth_and_belief_have_words_of_their_own(page, address):
    page.goto(address + "?left=query/7005_c3s1_019046_00.jpg")
    panel = page.locator(".panel").first
    panel.locator("mark:not(.none)").first.wait_for()
    idle(page)
    heads = panel.locator(".head", has=page.locator(".dot")).all_inner_texts()
    row = panel.locator(".name").all_inner_texts().index("true visibility") * len(heads)
    truth = map(float, panel.locator(".cell").all_inner_texts()[row : row + len(heads)])
    partly = [0.3 < visible < 0.7 for visible in truth]
    assert any(partly) and ["◧ partly" in head for head in heads] == partly
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
    expect(maps).to_have_count(4)
    page.reload()
    expect(maps).to_have_count(4)
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


def test_one_press_goes_back_and_a_sweep_is_kept(page, address):
    page.goto(address + "retrieve")
    run_until(page, ".cards .card")
    match = page.locator(".cards .card:not(.junk)").nth(1).get_attribute("data-pick")
    page.locator(".cards .card:not(.junk)").nth(1).click()
    page.locator(".verdict").wait_for()
    at(page, match="bounding_box_test/")
    page.go_back()
    page.wait_for_url(re.compile("/retrieve"))
    page.locator(".cards .card .tower").first.wait_for()
    # The lab's tab is in the link; what was worked out is there after a reload, unasked.
    page.goto(address + "lab?tab=Sweep")
    assert run_until(page, ".player .panels section svg") == 1
    page.reload()
    player = page.locator(".player")
    player.locator("section svg").first.wait_for()
    idle(page)
    assert page.get_by_role("tab", name="Sweep").get_attribute("aria-selected") == "true"
    assert player.locator("section .scale").first.inner_text().split() == ["1", "0.5", "0"]
    assert "β with nothing hidden" in player.locator(".legend").inner_text()
    # Another sweep is asked for; the one before stays.
    page.get_by_role("combobox", name="Motion").click()
    page.get_by_role("option").nth(1).click()
    page.get_by_text("The sweep before").wait_for()
    assert page.get_by_role("button", name="Run", exact=True).is_visible()
    # What isn't selected stands back.
    page.goto(f"{address}?left={match}")
    page.locator(".strip img").first.wait_for()
    idle(page)
    page.get_by_text("Selection and tags").click()
    page.get_by_role("button", name=re.compile("^Select th")).click()
    page.get_by_role("button", name=re.compile("^Deselect th")).wait_for()
    page.goto(address + "retrieve")
    page.locator(".cards.some .card.selected").first.wait_for()
    idle(page)
    page.mouse.move(0, 0)
    strength = "all => all.map(e => [e.matches('.selected'), +getComputedStyle(e).opacity])"
    shown = page.locator(".cards .card:not(.junk)").evaluate_all(strength)
    assert {tuple(card) for card in shown} == {(True, 1), (False, 0.3)}


def test_an_own_gallery_offers_its_pictures_on_failures(page, address, tmp_path):
    file = tmp_path / "own.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for part in ("bounding_box_test", "query"):
            for picture in sorted((SAMPLES / part).glob("700[15]_*.jpg")):
                archive.write(picture, f"{part}/{picture.name}")
    page.goto(address + "retrieve")
    page.get_by_role("button", name="Galleries…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="ZIP file").click()
    dialog.locator("input[type=file]").set_input_files(file)
    dialog.get_by_role("textbox", name="Name").fill("own")
    dialog.get_by_role("textbox", name="Name").press("Enter")
    dialog.get_by_role("button", name="Make", exact=True).click()
    dialog.get_by_text("identities known").nth(1).wait_for()
    dialog.get_by_role("button", name="Use").click()
    at(page, gallery="own", query="member:")
    page.get_by_role("link", name="Failures").first.click()
    run_until(page, ".causes")
    at(page, gallery="own")
    page.get_by_text("queries in").first.wait_for()
    assert not page.locator("[data-testid=stAlertContentError]").count()


def test_failures_are_gone_through_found_by_name_and_selected(page, address):
    page.goto(address + "failures")
    run_until(page, "[data-testid=stDataFrame]")
    find = page.get_by_role("textbox", name="Find")
    find.fill("nobody is called so")
    find.press("Enter")
    page.get_by_text("No query is left by the filter").wait_for()
    find.fill("7001")
    find.press("Enter")
    at(page, find="7001")
    # It is there still after another tab was looked at.
    for tab in ("Compare", "Failures"):
        page.get_by_role("tab", name=tab).click()
        page.locator(f"[role=tab][aria-selected=true] >> text={tab}").wait_for()
        idle(page)
    expect(find).to_have_value("7001")
    at(page, find="7001")
    table = page.get_by_test_id("stDataFrame")
    table.wait_for()
    idle(page)
    page.get_by_role("button", name="Select these").click()
    page.get_by_text(re.compile(r"selected \([1-9]")).wait_for()
    idle(page)
    open_row(page, table)
    listed = page.get_by_text(re.compile(r"^\d+ of \d+ listed in Failures"))
    listed.wait_for()
    idle(page)
    first = listed.inner_text()
    page.get_by_role("button", name="Next").click()
    expect(listed).not_to_have_text(first)
    idle(page)
    page.keyboard.press("p")
    expect(listed).to_have_text(first)
    # The selection is the same on this page.
    page.get_by_text("Selection and tags").click()
    page.get_by_text(re.compile(r"selected in sample, the same on every page")).wait_for()
