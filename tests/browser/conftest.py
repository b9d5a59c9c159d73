"""Chromium for all browser tests, and the application in a process of its own."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
ROOT = Path(__file__).resolve().parents[2]
SIZE = {"width": 1440, "height": 900}
STILL = """document.addEventListener("DOMContentLoaded", () => {
  const style = document.createElement("style");
  const all = "*, ::before, ::after";
  style.textContent = `${all} {animation: none !important; transition: none !important}`;
  document.head.append(style);
});"""
"""Runs in every page: what moves while one waits costs a processor that draws by itself."""
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def pytest_collection_modifyitems(items):
    """Every test in this folder drives Chromium, and is skipped where there is none.

    Server, browser and page meet in another order on a busy machine: who fails is asked once more,
    and pytest's summary counts it.
    """
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.flaky(reruns=1))
            if not CHROMIUM.is_file():
                item.add_marker(pytest.mark.skip(reason=f"there is no {CHROMIUM}"))


@pytest.fixture(scope="module")
def settings():
    """Environment variables of the application; a module may have its own."""
    return {}


@pytest.fixture(scope="session")
def tiny_settings(small_samples, tiny_checkpoint, tmp_path_factory):
    """A few identities, a tiny network that has learnt nothing; what is computed stays here."""
    return {
        "AONET_SAMPLES": str(small_samples),
        "AONET_CACHE": str(tmp_path_factory.mktemp("cache")),
        "AONET_CHECKPOINT": str(tiny_checkpoint),
    }


@pytest.fixture(scope="session")
def tiny_address(tmp_path_factory, tiny_settings):
    """The application with those, for all modules that ask for nothing else."""
    with _application(tmp_path_factory, tiny_settings) as address:
        yield address


@pytest.fixture(scope="module")
def address(request, tmp_path_factory, settings):
    """The application on a free port, until the last test of the module is done."""
    if settings == request.getfixturevalue("tiny_settings"):
        yield request.getfixturevalue("tiny_address")
    else:
        with _application(tmp_path_factory, settings) as address:
            yield address


@contextmanager
def _application(tmp_path_factory, settings):
    """Run the application in a process of its own; yields its address."""
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
            env={"AONET_PATIENCE": "100000"} | environment | settings,  # begin without asking
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", server, log)
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(url, server, log, seconds=120):
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
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        playwright.expect.set_options(timeout=60_000)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def window(browser):
    """A window for all tests of a module: a new one compiles the application's scripts anew."""
    context = browser.new_context(viewport=SIZE)
    context.add_init_script(STILL)
    yield context.new_page()
    context.close()


@pytest.fixture
def page(window):
    """A window of somebody who was never here."""
    window.set_default_timeout(60_000)
    yield window
    window.unroute_all()
    if window.url.startswith("http"):
        window.evaluate("localStorage.clear(), sessionStorage.clear()")
    window.goto("about:blank")
    for other in window.context.pages:
        if other != window:
            other.close()
    window.context.clear_cookies()
    window.emulate_media(color_scheme="null")
    window.set_viewport_size(SIZE)
