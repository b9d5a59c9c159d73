"""The Inspect view in Chromium, as a visitor meets it."""

import csv
import io
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from PIL import Image

CHROMIUM = Path("/usr/bin/chromium")
ROOT = Path(__file__).resolve().parents[2]
TILES = "img[alt^='landmark']"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.is_file(), reason=f"there is no {CHROMIUM}"),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The application on a free port, until the last test is done."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("app") / "log"
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    hidden = {"AONET_CHECKPOINT", "AONET_SAMPLES"}
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    with log.open("w") as written:
        server = subprocess.Popen(
            [*command, "--server.headless", "true", "--server.fileWatcherType", "none"],
            cwd=ROOT,
            env=environment,
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", server, log)
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(url, server, log, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the application did not start: {log.read_text()[-2000:]}")


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    yield opened
    context.close()


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
    page.get_by_role("link", name="About").click()
    page.get_by_role("heading", name="How to read the maps and numbers").wait_for()
    page.get_by_role("link", name="Inspect").click()
    assert tiles(page, 6) == single


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
    with page.expect_download() as coming:
        page.get_by_role("button", name="Scores").click()
    table = Path(coming.value.path()).read_text(encoding="utf-8")
    lines = list(csv.DictReader(io.StringIO(table)))
    assert [line["picture"] for line in lines] == ["me.png"] * 6
    assert all(0 <= float(line["awareness"]) <= 1 for line in lines)
