"""Takes the README's pictures of the application: `python docs/screenshot.py`.

Starts the application, opens its pages in Chromium, saves `docs/inspect.png` and `docs/lab.png`,
ends it.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
PAGES = {"inspect": ("", ".js-plotly-plot .bars path"), "lab": ("lab", ".seen .strip img")}
"""Of every picture the page's address, and what has been drawn when it is complete."""


def main() -> None:
    """Start, wait, save, end."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    options = ["--server.headless", "true", "--server.port", str(port)]
    with subprocess.Popen(command + options, cwd=ROOT, stdout=subprocess.DEVNULL) as server:
        try:
            _wait(f"http://localhost:{port}/_stcore/health")
            _save(f"http://localhost:{port}/")
        finally:
            server.terminate()


def _wait(url: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return
        except OSError:
            time.sleep(0.3)
    raise TimeoutError(f"the application did not answer at {url}")


def _save(url: str) -> None:
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme="light")
        for name, (path, drawn) in PAGES.items():
            for _ in range(2):  # the second visit shows the milliseconds of a warm network
                page.goto(url + path)
                page.wait_for_selector(drawn, timeout=120_000)
                page.wait_for_timeout(2500)
            page.screenshot(path=ROOT / "docs" / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
